package api_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// with replaces one part of a good request.
func with(from, to string) string {
	good := request("1042")
	if !strings.Contains(good, from) {
		panic(from + " is not part of the request")
	}
	return strings.Replace(good, from, to, 1)
}

func exam(result string) string {
	return `{"template":"exam","recipient":{"id":"1","name":"王芳"},"achievement":{"id":"E-1","name":"考试"},"result":` + result + `}`
}

func TestBadInputIsAProblemThatNamesTheFieldAndRecordsNothing(t *testing.T) {
	h := newHouse(t)
	tests := []struct {
		name, body string
		status     int
		at         string // location of an entry of errors
		message    string // part of its message
	}{
		{"unknown template", with(`"course"`, `"diploma"`), 422, "body.template", "course"},
		{"no template", with(`"template":"course",`, ``), 422, "body.template", "missing"},
		{"empty name", with(`"张伟"`, `""`), 422, "body.recipient.name", ""},
		{"blank name", with(`"张伟"`, `"  "`), 422, "body.recipient.name", ""},
		{"name of 10 kB", with(`张伟`, strings.Repeat("x", 10_000)), 422, "body.recipient.name", ""},
		{"control character in a name", with(`张伟`, `a\u0007b`), 422, "body.recipient.name", ""},
		{"bidi override in a name", with(`张伟`, `a\u202eb`), 422, "body.recipient.name", ""},
		{"empty recipient id", with(`"1042"`, `""`), 422, "body.recipient.id", ""},
		{"recipient id that is a number", with(`"1042"`, `1042`), 422, "body.recipient.id", `write "1042" in quotation marks`},
		{"no recipient", with(`"recipient":{"id":"1042","name":"张伟"},`, ``), 422, "body.recipient", "missing"},
		{"recipient that is a list", with(`{"id":"1042","name":"张伟"}`, `[]`), 422, "body.recipient", "object"},
		{"recipient that is null", with(`{"id":"1042","name":"张伟"}`, `null`), 422, "body.recipient", "missing"},
		{"broken e-mail", with(`"id":"1042"`, `"id":"1042","email":"nobody"`), 422, "body.recipient.email", ""},
		{"empty achievement name", with(`"安全生产基础"`, `""`), 422, "body.achievement.name", ""},
		{"rate under the pass rule", with(`100}`, `20}`), 422, "body.result.completion_rate", ""},
		{"rate over 100", with(`100}`, `100.5}`), 422, "body.result.completion_rate", "100"},
		{"rate of three decimals", with(`100}`, `99.999}`), 422, "body.result.completion_rate", ""},
		{"negative rate", with(`100}`, `-1}`), 422, "body.result.completion_rate", ""},
		{"rate that is a string", with(`100}`, `"100"}`), 422, "body.result.completion_rate", "number"},
		{"no result", with(`,"result":{"completion_rate":100}`, ``), 422, "body.result.completion_rate", ""},
		{"score over the highest", exam(`{"score":100.01,"max_score":100}`), 422, "body.result.score", ""},
		{"score under the pass rule", exam(`{"score":1,"max_score":100}`), 422, "body.result.score", ""},
		{"rate for an exam", exam(`{"score":90,"completion_rate":100}`), 422, "body.result.completion_rate", ""},
		{"date in the future", with(`{"template"`, `{"issued_at":"2999-01-01T00:00:00Z","template"`), 422, "body.issued_at", "future"},
		{"date without a zone", with(`{"template"`, `{"issued_at":"2026-01-01T00:00:00","template"`), 422, "body.issued_at", "2026-03-01T02:03:04Z"},
		{"date that is empty", with(`{"template"`, `{"issued_at":"","template"`), 422, "body.issued_at", "time"},
		{"ends before it begins", with(`{"template"`, `{"issued_at":"2026-01-02T00:00:00Z","expires_at":"2026-01-01T00:00:00Z","template"`), 422, "body.expires_at", ""},
		{"unknown field", with(`{"template"`, `{"colour":"red","template"`), 422, "body.colour", "unknown field"},
		{"field in another letter case", with(`"name":"张伟"`, `"Name":"张伟"`), 422, "body.recipient.Name", `written "name"`},
		{"field in another style", with(`"completion_rate"`, `"completionRate"`), 422, "body.result.completionRate", `written "completion_rate"`},
		{"both letter cases", with(`"name":"张伟"`, `"name":"张伟","NAME":"李四"`), 422, "body.recipient.NAME", "written"},
		{"duplicate field", with(`"name":"张伟"`, `"name":"张伟","name":"李四"`), 400, "body.recipient.name", ""},
		{"duplicate field, escaped", with(`"name":"张伟"`, `"name":"张伟","n\u0061me":"李四"`), 400, "body.recipient.name", ""},
		{"broken JSON", `{"template":`, 400, "", ""},
		{"two documents", request("1") + request("2"), 400, "body", ""},
		{"no object", `[1]`, 422, "body", "object"},
		{"invalid UTF-8", with("张伟", "a\xffb"), 400, "", ""},
		{"a surrogate alone", with("张伟", `a\ud800b`), 400, "", ""},
		{"nested too deep", strings.Repeat(`[`, 100_000), 400, "", ""},
		{"character that no font has", with("张伟", `\uE000`), 422, "body.recipient.name", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := h.post(tt.body)
			if a.status != tt.status {
				t.Fatalf("status %d, want %d: %s", a.status, tt.status, a.body)
			}
			p := a.problem(t)
			found := tt.at == ""
			for _, f := range p.Errors {
				found = found || f.Location == tt.at && strings.Contains(f.Message, tt.message)
				if f.Message == "" || utf8.RuneCountInString(f.Value) > 64 {
					t.Errorf("an entry without words or with too many: %+v", f)
				}
			}
			if !found {
				t.Errorf("no error at %s that says %q: %s", tt.at, tt.message, a.body)
			}
			if len(a.body) > 4096 {
				t.Errorf("an answer of %d bytes mirrors the request", len(a.body))
			}
		})
	}
	if n := h.total(); n != 0 {
		t.Errorf("%d certificates were recorded", n)
	}
}

func TestBodiesThatAreTooLargeOrOfAnotherKindAreRefused(t *testing.T) {
	h := newHouse(t)
	large := with("张伟", strings.Repeat("x", 1<<20))
	if a := h.post(large); a.status != 413 {
		t.Errorf("over 1 MiB: status %d: %.200s", a.status, a.body)
	} else {
		a.problem(t)
	}
	for _, media := range []string{"text/plain", "application/json; charset=gbk", "application/x-www-form-urlencoded"} {
		if a := h.post(request("1"), "Content-Type", media); a.status != 415 {
			t.Errorf("%s: status %d: %s", media, a.status, a.body)
		} else {
			a.problem(t)
		}
	}
	if a := h.post(request("1"), "Content-Encoding", "gzip"); a.status != 415 || a.problem(t).Errors[0].Location != "header.Content-Encoding" {
		t.Errorf("compressed: status %d: %s", a.status, a.body)
	}
	if a := h.post(request("1"), "X-Padding", strings.Repeat("x", 40<<10)); a.status != 431 {
		t.Errorf("a header of 40 kB: status %d", a.status)
	}
	if a := h.post(" \n"); a.status != 400 {
		t.Errorf("blank body: status %d: %s", a.status, a.body)
	}
	if a := h.post(request("1"), "Content-Type", "application/json; charset=UTF-8"); a.status != 201 {
		t.Errorf("with a charset parameter: status %d: %s", a.status, a.body)
	}
	if n := h.total(); n != 1 {
		t.Errorf("%d certificates were recorded, want the one that was granted", n)
	}
}

func TestTheSameFactsAreIssuedOnce(t *testing.T) {
	h := newHouse(t)
	first := h.post(request("1042"))
	if first.status != 201 {
		t.Fatalf("status %d: %s", first.status, first.body)
	}
	r := first.receipt(t)
	if want := "/v1/certificates/" + string(r.Number); first.header.Get("Location") != want {
		t.Errorf("Location %q, want %q", first.header.Get("Location"), want)
	}
	if r.PDFURL != r.URL+"certificate.pdf" || r.State != "recorded" || r.LogIndex != 0 {
		t.Errorf("receipt %s", first.body)
	}
	again := h.post(strings.ReplaceAll(request("1042"), ",", " ,\n"))
	if again.status != 200 || again.receipt(t).Number != r.Number {
		t.Errorf("again: status %d: %s", again.status, again.body)
	}
	other := h.post(strings.Replace(request("1042"), "张伟", "李四", 1))
	if other.status != 409 || !strings.Contains(other.problem(t).Detail, string(r.Number)) {
		t.Errorf("other facts: status %d: %s", other.status, other.body)
	}
	// Who may not read others' certificates learns nothing of them, not even that the facts are equal.
	unseen := h.do("POST", "/v1/certificates", request("1042"), "token", "issue")
	if unseen.status != 409 || strings.Contains(string(unseen.body), string(r.Number)) {
		t.Errorf("without the scope read: status %d: %s", unseen.status, unseen.body)
	}
	own := h.do("POST", "/v1/certificates", request("own"), "token", "issue")
	ownAgain := h.do("POST", "/v1/certificates", request("own"), "token", "issue")
	if own.status != 201 || ownAgain.status != 200 || own.receipt(t).Number != ownAgain.receipt(t).Number {
		t.Errorf("one's own, without the scope read: status %d, then %d", own.status, ownAgain.status)
	}
	occasion := h.post(strings.Replace(request("1042"), `{"template"`, `{"occasion":"again","template"`, 1))
	if occasion.status != 201 {
		t.Errorf("another occasion: status %d: %s", occasion.status, occasion.body)
	}
	if n := h.total(); n != 3 {
		t.Errorf("%d certificates, want 3", n)
	}
}

func TestAnIdempotencyKeyStandsForOneRequest(t *testing.T) {
	h := newHouse(t)
	first := h.post(request("a"), "Idempotency-Key", "k-1")
	again := h.post(request("a"), "Idempotency-Key", "k-1")
	if first.status != 201 || again.status != 200 || first.receipt(t).Number != again.receipt(t).Number {
		t.Errorf("status %d, then %d: %s", first.status, again.status, again.body)
	}
	other := h.post(request("b"), "Idempotency-Key", "k-1")
	if other.status != 422 || other.problem(t).Errors[0].Location != "header.Idempotency-Key" {
		t.Errorf("other request: status %d: %s", other.status, other.body)
	}
	// Keys are scoped to their principal.
	if a := h.do("POST", "/v1/certificates", request("c"), "token", "issue", "Idempotency-Key", "k-1"); a.status != 201 {
		t.Errorf("another principal's key: status %d: %s", a.status, a.body)
	}
	for _, key := range []string{strings.Repeat("x", 256), "a b", "schlüssel"} {
		if a := h.post(request("d"), "Idempotency-Key", key); a.status != 422 {
			t.Errorf("key %.20q: status %d: %s", key, a.status, a.body)
		}
	}
}

func TestNumbersKeepTheirLiteral(t *testing.T) {
	h := newHouse(t)
	a := h.post(exam(`{"score":92.5,"max_score":100}`))
	if a.status != 201 || !strings.Contains(string(a.body), `"result":{"score":92.5,"max_score":100}`) {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	n := a.receipt(t).Number
	doc := h.do("GET", "/v1/certificates/"+string(n)+"/credential", "", "token", "read")
	if doc.status != 200 || !strings.Contains(string(doc.body), `"value":"92.5"`) {
		t.Errorf("status %d: %s", doc.status, doc.body)
	}
}

func TestMarkupInANameIsText(t *testing.T) {
	h := newHouse(t)
	a := h.post(with("张伟", `<b>Bobby & \"Co\"</b>`))
	if a.status != 201 || a.receipt(t).Recipient.Name != `<b>Bobby & "Co"</b>` {
		t.Errorf("status %d: %s", a.status, a.body)
	}
}

func TestWaitPublishedAnswersWhenTheFilesStand(t *testing.T) {
	h := newHouse(t)
	a := h.do("POST", "/v1/certificates?wait=published", request("w"), "token", "issue")
	if a.status != 201 || a.receipt(t).State != "published" {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	if a := h.do("POST", "/v1/certificates?wait=forever", request("x"), "token", "issue"); a.status != 422 || a.problem(t).Errors[0].Location != "query.wait" {
		t.Errorf("status %d: %s", a.status, a.body)
	}
}

func TestBulkAnswersEachLineInOrder(t *testing.T) {
	h := newHouse(t)
	var lines []string
	for i := range 300 {
		lines = append(lines, request(fmt.Sprint("r", i)))
	}
	lines[7] = `{"template":"course"`
	lines[8] = strings.Replace(lines[8], "张伟", "", 1)
	lines[9] = ""
	lines[11] = lines[10]
	lines[12] = strings.Replace(lines[12], "张伟", strings.Repeat("x", 1<<20), 1)
	a := h.do("POST", "/v1/certificates/bulk", strings.Join(lines, "\n"), "token", "issue", "Content-Type", "application/x-ndjson")
	if a.status != 200 || a.header.Get("Content-Type") != "application/x-ndjson" {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	want := map[int]int{8: 400, 9: 422, 13: 413}
	results := bulkLines(t, a.body)
	if len(results) != 299 {
		t.Fatalf("%d results for 299 requests", len(results))
	}
	last := 0
	for _, r := range results {
		if r.Line <= last {
			t.Errorf("line %d after line %d", r.Line, last)
		}
		last = r.Line
		status := want[r.Line]
		if status == 0 {
			status = 201
		}
		if r.Line == 11 || r.Line == 12 { // the same request twice: either may come first
			if r.Status != 200 && r.Status != 201 {
				t.Errorf("line %d: status %d", r.Line, r.Status)
			}
			continue
		}
		if r.Status != status || (r.Receipt != nil) == (r.Problem != nil) {
			t.Errorf("line %d: status %d, want %d: %v", r.Line, r.Status, status, r.Problem)
		}
	}
	if n := h.total(); n != 295 {
		t.Errorf("%d certificates, want 295", n)
	}
}
