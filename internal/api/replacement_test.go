package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"laurel/internal/issuer"
)

// correct asks for a correction with the token that may.
func (h *house) correct(number any, body string, headers ...string) answer {
	h.t.Helper()
	return h.do("POST", fmt.Sprint("/v1/certificates/", number, "/replacement?wait=published"), body, append([]string{"token", "issue+status"}, headers...)...)
}

func TestACorrectedCertificateTakesThePlaceOfTheOldOne(t *testing.T) {
	h := newHouse(t)
	body := `{"template":"exam","recipient":{"id":"1042","name":"张伟","email":"z@example.org"},"achievement":{"id":"E-9","name":"考试"},"result":{"score":91,"max_score":100},
		"organisation":"acme","occasion":"2026","issued_at":"2026-01-02T03:04:05Z","expires_at":"2030-01-01T00:00:00Z"}`
	old := h.post(body).receipt(t)
	a := h.correct(old.Number, `{"recipient":{"name":"张玮"},"result":{"score":92},"reason":"姓名有误"}`)
	got := a.receipt(t)
	if a.status != 201 || got.Number == old.Number || got.Replaces != old.Number || got.State != "published" || a.header.Get("Location") != "/v1/certificates/"+string(got.Number) {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	want := old
	want.Recipient.Name, want.Result = "张玮", &issuer.ReceiptResult{Score: "92", MaxScore: "100"}
	for _, r := range []*issuer.Receipt{&want, &got} {
		r.Number, r.State, r.Replaces, r.LogIndex = "", "", "", 0
		r.URL, r.CredentialURL, r.ImageURL, r.PDFURL = "", "", "", ""
	}
	one, _ := json.Marshal(want)
	other, _ := json.Marshal(got)
	if string(one) != string(other) {
		t.Errorf("the corrected one says %s, not %s", other, one)
	}
	was := h.get(t, "read", old.Number)
	last := was.History[len(was.History)-1]
	if was.Status != "revoked" || was.Recipient.Name != "张伟" || last.Code != "superseded" || last.Reason != "姓名有误" || string(was.ReplacedBy) == "" {
		t.Errorf("the old one: %+v", was)
	}
	now := h.get(t, "read", was.ReplacedBy)
	if now.Replaces != old.Number || now.LogIndex != last.LogIndex-1 {
		t.Errorf("the new one %+v does not follow the old one %+v", now, was)
	}
	verdict := frontEnd{T: t, h: h}.get("/verify/" + string(old.Number))
	frontEnd{T: t, h: h}.expect("verify", verdict, 200, 410, "证书已换发，请以新证书为准")
	if verdict.text("replaced_by") != string(now.Number) {
		t.Errorf("verify: %s", verdict.raw)
	}
}

func TestACorrectionIsMadeOnce(t *testing.T) {
	h := newHouse(t)
	old := h.post(request("1042")).receipt(t)
	const body = `{"recipient":{"name":"张玮"}}`
	first := h.correct(old.Number, body, "Idempotency-Key", "k1")
	number := first.receipt(t).Number
	for what, c := range map[string]struct {
		body, key string
		status    int
		says      string
	}{
		"the same, with its key":         {body, "k1", 200, string(number)},
		"the same, with another":         {body, "k2", 200, string(number)},
		"another with the key":           {`{"recipient":{"name":"张薇"}}`, "k1", 422, "key-reused"},
		"another":                        {`{"recipient":{"name":"张薇"}}`, "k3", 409, string(number) + " was issued in its place"},
		"nothing, which undoes the name": {`{}`, "k4", 409, "which is final"},
	} {
		if a := h.correct(old.Number, c.body, "Idempotency-Key", c.key); a.status != c.status || !strings.Contains(string(a.body), c.says) {
			t.Errorf("%s: status %d, want %d and %q: %s", what, a.status, c.status, c.says, a.body)
		}
	}
	if other := h.post(request("2000")).receipt(t); h.correct(other.Number, body, "Idempotency-Key", "k1").status != 422 {
		t.Error("a key of another certificate's correction was taken")
	}
	if n := h.total(); n != 3 {
		t.Errorf("%d certificates", n)
	}
}

func TestOfCorrectionsAtTheSameMomentOneIsMade(t *testing.T) {
	h := newHouse(t)
	old := h.post(request("1042")).receipt(t)
	var wg sync.WaitGroup
	answers := make([]answer, 8)
	for i := range answers {
		wg.Go(func() {
			answers[i] = h.correct(old.Number, fmt.Sprintf(`{"recipient":{"name":"张玮"},"result":{"completion_rate":%d}}`, 99+i%2))
		})
	}
	wg.Wait()
	count := map[int]int{}
	for _, a := range answers {
		count[a.status]++
	}
	if count[201] != 1 || count[200] != 3 || count[409] != 4 || h.total() != 2 {
		t.Errorf("%v, and %d certificates", count, h.total())
	}
}

func TestACorrectionThatCannotBeMadeIsRefused(t *testing.T) {
	h := newHouse(t)
	old, _, revoked := h.post(request("1042")).receipt(t).Number, h.post(request("2000")), h.post(request("3000")).receipt(t).Number
	h.set(revoked, `{"status":"revoked","reason":"x","code":"error"}`).standing(t)
	for what, c := range map[string]struct {
		number any
		body   string
		status int
		says   string
	}{
		"another template":             {old, `{"template":"exam"}`, 422, "body.template"},
		"what the rule does not let":   {old, `{"result":{"completion_rate":1}}`, 422, "is below"},
		"somebody who has one":         {old, `{"recipient":{"id":"2000"}}`, 409, "stands already"},
		"of a revoked one":             {revoked, `{}`, 409, "(error)"},
		"of nobody's":                  {missing(t), `{}`, 404, "No certificate"},
		"a field of nobody":            {old, `{"status":"valid"}`, 422, "unknown field"},
		"a field of another type":      {old, `{"recipient":{"name":1}}`, 422, "must be a string"},
		"an empty name":                {old, `{"recipient":{"name":""}}`, 422, "body.recipient.name"},
		"a reason with a line break":   {old, `{"reason":"a\nb"}`, 422, "body.reason"},
		"no object":                    {old, `[]`, 422, "must be an object"},
		"a name that no font can show": {old, `{"recipient":{"name":"\ud808\udc00"}}`, 422, "no font"},
	} {
		if a := h.correct(c.number, c.body); a.status != c.status || !strings.Contains(string(a.body), c.says) {
			t.Errorf("%s: status %d, want %d and %q: %s", what, a.status, c.status, c.says, a.body)
		}
	}
	if now := h.get(t, "read", old); now.Status != "valid" || h.total() != 3 {
		t.Errorf("after all that was refused: %+v, %d certificates", now, h.total())
	}
}
