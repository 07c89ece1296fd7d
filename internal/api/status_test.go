package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"laurel/internal/api"
	"laurel/internal/issuer"
)

// set asks for a change of status with the token of that scope.
func (h *house) set(number any, body string, headers ...string) answer {
	h.t.Helper()
	return h.do("POST", fmt.Sprint("/v1/certificates/", number, "/status"), body, append([]string{"token", "status"}, headers...)...)
}

func (a answer) standing(t *testing.T) (s api.Standing) {
	t.Helper()
	if err := json.Unmarshal(a.body, &s); err != nil || a.status != http.StatusOK {
		t.Fatalf("status %d: %s, %v", a.status, a.body, err)
	}
	return s
}

func TestAStatusIsChangedAndTheSameRequestAgainChangesNothing(t *testing.T) {
	h := newHouse(t)
	number := h.post(request("1042")).receipt(t).Number
	for i, c := range []struct{ body, status, code string }{
		{`{"status":"suspended","reason":"待核查","code":"review"}`, "suspended", "review"},
		{`{"status":"valid","reason":"cleared up"}`, "valid", "unspecified"},
		{`{"status":"revoked","reason":"代考","code":"misconduct"}`, "revoked", "misconduct"},
	} {
		first := h.do("POST", fmt.Sprintf("/v1/certificates/%s/status?wait=published", number), c.body, "token", "status").standing(t)
		if !first.Changed || first.State != "published" || first.Status != c.status || first.Code != c.code || *first.LogIndex != int64(i+1) {
			t.Errorf("%s: %+v", c.body, first)
		}
		again := h.set(number, c.body).standing(t) // which may be published once more, where the state before was just being
		if first.Changed = false; !again.Since.Equal(*first.Since) || *again.LogIndex != *first.LogIndex || again.Changed {
			t.Errorf("%s again: %+v", c.body, again)
		}
	}
	if head := h.get(t, "read", number).History; len(head) != 3 {
		t.Errorf("the record has %d changes", len(head))
	}
}

// get reads a certificate with a token of the house.
func (h *house) get(t *testing.T, token string, number any) issuer.Receipt {
	t.Helper()
	return h.do("GET", fmt.Sprint("/v1/certificates/", number), "", "token", token).receipt(t)
}

func TestAChangeThatCannotBeMadeIsRefused(t *testing.T) {
	h := newHouse(t)
	number, revoked := h.post(request("1042")).receipt(t).Number, h.post(request("2000")).receipt(t).Number
	h.set(revoked, `{"status":"revoked","reason":"wrong person","code":"error"}`).standing(t)
	for what, c := range map[string]struct {
		number any
		body   string
		status int
		says   string
	}{
		"a revocation undone":           {revoked, `{"status":"valid","reason":"x"}`, 409, string(revoked) + " was revoked on "},
		"revoked for another reason":    {revoked, `{"status":"revoked","reason":"x","code":"misconduct"}`, 409, "(error)"},
		"no reason":                     {number, `{"status":"revoked"}`, 422, "body.reason"},
		"an empty reason":               {number, `{"status":"revoked","reason":""}`, 422, "say why"},
		"a reason of white space":       {number, `{"status":"revoked","reason":"  "}`, 422, "body.reason"},
		"no status":                     {number, `{"reason":"x"}`, 422, "body.status"},
		"another status":                {number, `{"status":"expired","reason":"x"}`, 422, "revoked, suspended or valid"},
		"a code of the service":         {number, `{"status":"revoked","reason":"x","code":"erased"}`, 422, "body.code"},
		"a code of another status":      {number, `{"status":"suspended","reason":"x","code":"misconduct"}`, 422, "review"},
		"a field of nobody":             {number, `{"status":"revoked","reason":"x","Code":"error"}`, 422, `it is written \"code\"`},
		"no JSON":                       {number, `revoked`, 400, "malformed"},
		"a number of nobody":            {missing(t), `{"status":"revoked","reason":"x"}`, 404, "No certificate"},
		"a number with a typo":          {"7F3K-9QXM-2T8W-RB5G", `{"status":"revoked","reason":"x"}`, 404, "not a certificate number"},
		"a parameter that is not known": {fmt.Sprint(number, "/status?force=1&x="), `{"status":"revoked","reason":"x"}`, 422, "force"},
	} {
		path := fmt.Sprint("/v1/certificates/", c.number)
		if !strings.Contains(path, "/status") {
			path += "/status"
		}
		if a := h.do("POST", path, c.body, "token", "status"); a.status != c.status || !strings.Contains(string(a.body), c.says) {
			t.Errorf("%s: status %d, want %d and %q: %s", what, a.status, c.status, c.says, a.body)
		}
	}
	if now := h.get(t, "read", number); now.Status != "valid" || now.History != nil {
		t.Errorf("after all that was refused: %+v", now)
	}
}

func TestWhyAStatusWasChangedIsForThoseWhoRunThingsAndNotForThePerson(t *testing.T) {
	h := newHouse(t)
	number := h.post(issueBody(object{user: "1042", organisation: "acme", template: "course"}, "")).receipt(t).Number
	h.set(number, `{"status":"suspended","reason":"举报人王某称其代考","code":"review"}`).standing(t)
	for who, c := range map[string]struct {
		token string
		told  bool
	}{
		"a program that reads":        {h.tokens["read"], true},
		"the person":                  {signIn(t, "1042", "role", "learner", "org", "acme"), false},
		"a role of nobody":            {signIn(t, "1042", "role", "superuser"), false},
		"the enterprise's own":        {signIn(t, "3000", "role", "enterprise_admin", "org", "acme"), true},
		"an administrator":            {signIn(t, "4000", "role", "admin"), true},
		"the person, allowed to read": {signIn(t, "1042", "role", "learner", "scope", "read"), false},
	} {
		for _, path := range []string{"/v1/certificates/" + string(number), "/v1/certificates"} {
			a := h.do("GET", path, "", "Authorization", "Bearer "+c.token)
			if a.status != 200 || !strings.Contains(string(a.body), `"code":"review"`) {
				t.Errorf("%s, %s: status %d: %s", who, path, a.status, a.body)
			}
			if told := strings.Contains(string(a.body), "举报人") && strings.Contains(string(a.body), `"by":"`); told != c.told {
				t.Errorf("%s, %s: told %v: %s", who, path, told, a.body)
			}
		}
	}
	// Who issues it again learns that it stands, and no more.
	a := h.do("POST", "/v1/certificates", issueBody(object{user: "1042", organisation: "acme", template: "course"}, ""), "Authorization", "Bearer "+signIn(t, "1042", "scope", "issue"))
	if a.status != 200 || strings.Contains(string(a.body), "举报人") {
		t.Errorf("status %d: %s", a.status, a.body)
	}
}

func TestOfAnErasedCertificateItsNumberIsAllThatIsShown(t *testing.T) {
	h := newHouse(t)
	got := h.post(request("1042")).receipt(t)
	if _, _, err := h.issuer.Erase(t.Context(), got.Number, "", issuer.Call{Principal: "local"}); err != nil {
		t.Fatal(err)
	}
	if r := h.get(t, "read", got.Number); !r.Erased || r.Status != "revoked" || r.Recipient != (issuer.Person{}) || r.Achievement != (issuer.Item{}) {
		t.Errorf("%+v", r)
	}
	for _, file := range []string{"image", "pdf", "credential"} {
		if a := h.do("GET", fmt.Sprintf("/v1/certificates/%s/%s", got.Number, file), "", "token", "read"); a.status != 404 || !strings.Contains(string(a.body), "was erased") {
			t.Errorf("%s: status %d: %s", file, a.status, a.body)
		}
	}
	if a := h.do("GET", "/v1/certificates/"+string(got.Number), "", "Authorization", "Bearer "+signIn(t, "1042")); a.status != 404 {
		t.Errorf("to the person: status %d: %s", a.status, a.body)
	}
	platform := frontEnd{t, h, h.tokens["read"]}
	r := platform.get("/verify/" + string(got.Number))
	platform.expect("verify", r, 200, 410, "证书已被撤销")
	if r.text("user") != "<nil>" || r.text("title") != "<nil>" {
		t.Errorf("verify: %s", r.raw)
	}
	platform.expect("by its id", platform.get("/1"), 404, 404, "证书不存在")
	if again := h.post(request("1042")); again.status != 201 {
		t.Errorf("issued anew: status %d: %s", again.status, again.body)
	}
}
