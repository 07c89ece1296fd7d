package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"laurel/credential"
	"laurel/internal/api"
	"laurel/site"
)

func bulkLines(t *testing.T, body []byte) (lines []api.BulkLine) {
	t.Helper()
	for dec := json.NewDecoder(bytes.NewReader(body)); ; {
		var l api.BulkLine
		err := dec.Decode(&l)
		if err == io.EOF {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
}

func TestBulkStreamsWhileTheBodyIsStillBeingSent(t *testing.T) {
	h := newHouse(t)
	body, w := io.Pipe()
	req, err := http.NewRequest("POST", h.url+"/v1/certificates/bulk", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.tokens["issue"])
	req.Header.Set("Content-Type", "application/x-ndjson")
	go fmt.Fprintln(w, request("first"))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	dec := json.NewDecoder(res.Body)
	for i := range 3 { // each result is read before the next request is written
		var l api.BulkLine
		if err := dec.Decode(&l); err != nil || l.Status != 201 || l.Line != i+1 {
			t.Fatalf("line %d: %+v, %v", i+1, l, err)
		}
		if i < 2 {
			fmt.Fprintln(w, request(fmt.Sprint("next", i)))
		}
	}
	w.Close()
	if err := dec.Decode(&struct{}{}); err != io.EOF {
		t.Errorf("after the last line: %v", err)
	}
}

func TestListsPageAndFilter(t *testing.T) {
	h := newHouse(t)
	for i := range 25 {
		if a := h.post(request(fmt.Sprint("p", i))); a.status != 201 {
			t.Fatalf("%s", a.body)
		}
	}
	h.post(exam(`{"score":92.5,"max_score":100}`))
	tests := []struct {
		query        string
		items, total int
		first        string // recipient of the first item
		more         bool
	}{
		{"", 20, 26, "1", true},
		{"?limit=100", 26, 26, "1", false},
		{"?limit=2&offset=24", 2, 26, "p1", false},
		{"?limit=2&offset=23", 2, 26, "p2", true},
		{"?offset=1000", 0, 26, "", false},
		{"?recipient=p7", 1, 1, "p7", false},
		{"?type=exam", 1, 1, "1", false},
		{"?template=course&limit=1", 1, 25, "p24", true},
		{"?status=valid&limit=1", 1, 26, "1", true},
		{"?status=revoked", 0, 0, "", false},
		{"?organisation=acme", 0, 0, "", false},
	}
	for _, tt := range tests {
		a := h.do("GET", "/v1/certificates"+tt.query, "", "token", "read")
		var list api.List
		if err := json.Unmarshal(a.body, &list); err != nil || a.status != 200 {
			t.Fatalf("%s: status %d: %s", tt.query, a.status, a.body)
		}
		if len(list.Items) != tt.items || list.Total != tt.total || (list.NextCursor != nil) != tt.more {
			t.Errorf("%s: %d items of %d, want %d of %d", tt.query, len(list.Items), list.Total, tt.items, tt.total)
		} else if tt.items > 0 && list.Items[0].Recipient.ID != tt.first {
			t.Errorf("%s: the first is %s, want %s", tt.query, list.Items[0].Recipient.ID, tt.first)
		}
	}
	for query, at := range map[string]string{
		"limit=0": "query.limit", "limit=101": "query.limit", "limit=ten": "query.limit", "offset=-1": "query.offset",
		"type=diploma": "query.type", "status=lost": "query.status", "recipent=1": "query.recipent", "limit=1&limit=2": "query.limit", "type=": "query.type", "cursor=abc": "query.cursor", "cursor=MS4xLjI=": "query.cursor", "cursor=MS4xLjI&offset=1": "query.offset",
	} {
		a := h.do("GET", "/v1/certificates?"+query, "", "token", "read")
		if a.status != 422 || a.problem(t).Errors[0].Location != at {
			t.Errorf("%s: status %d: %s", query, a.status, a.body)
		}
	}
}

func TestACursorGoesOnWhereThePageEndedWhateverIsIssuedMeanwhile(t *testing.T) {
	h := newHouse(t)
	for i := range 7 {
		h.post(request(fmt.Sprint("p", i)))
	}
	var seen []string
	next := ""
	for page := 0; ; page++ {
		a := h.do("GET", "/v1/certificates?limit=3&template=course"+next, "", "token", "read")
		var list api.List
		if err := json.Unmarshal(a.body, &list); err != nil || a.status != 200 || list.Total != 7 {
			t.Fatalf("page %d: status %d: %s", page, a.status, a.body)
		}
		for _, r := range list.Items {
			seen = append(seen, r.Recipient.ID)
		}
		if list.NextCursor == nil {
			break
		}
		next = "&cursor=" + *list.NextCursor
		h.post(request(fmt.Sprint("later", page)))
	}
	if got := strings.Join(seen, " "); got != "p6 p5 p4 p3 p2 p1 p0" {
		t.Error(got)
	}
}

func TestACertificateIsReadByItsNumberAsPeopleTypeIt(t *testing.T) {
	h := newHouse(t)
	n := string(h.post(request("1042")).receipt(t).Number)
	for _, typed := range []string{n, strings.ToLower(n), strings.ReplaceAll(n, "-", ""), strings.ReplaceAll(n, "-", "%20")} {
		if a := h.do("GET", "/v1/certificates/"+typed, "", "token", "read"); a.status != 200 || string(a.receipt(t).Number) != n {
			t.Errorf("%s: status %d: %s", typed, a.status, a.body)
		}
	}
	typo := []byte(n)
	typo[5] = map[bool]byte{true: '2', false: '7'}[typo[5] == '7']
	a := h.do("GET", "/v1/certificates/"+string(typo), "", "token", "read")
	if a.status != 404 || !strings.Contains(a.problem(t).Detail, "did you mean "+n+"?") {
		t.Errorf("a typo: status %d: %s", a.status, a.body)
	}
	for name, other := range map[string]string{"never given out": unissued(t), "a typo in one never given out": typoOf(unissued(t)), "no number at all": "hello", "markup": "%3Cscript%3E"} {
		a := h.do("GET", "/v1/certificates/"+other, "", "token", "read")
		if a.status != 404 || strings.Contains(a.problem(t).Detail, "did you mean") {
			t.Errorf("%s: status %d: %s", name, a.status, a.body)
		}
	}
}

func unissued(t *testing.T) string {
	t.Helper()
	n, err := credential.NewNumber(strings.NewReader(strings.Repeat("some random", 8)))
	if err != nil {
		t.Fatal(err)
	}
	return string(n)
}

func typoOf(n string) string {
	last := n[len(n)-1]
	return n[:len(n)-1] + string(map[bool]byte{true: '2', false: '7'}[last == '7'])
}

func TestFilesAreServedBeforeTheyArePublished(t *testing.T) {
	h := newHouse(t)
	n := string(h.post(request("1042")).receipt(t).Number)
	image := h.do("GET", "/v1/certificates/"+n+"/image", "", "token", "read")
	if image.status != 200 || image.header.Get("Content-Type") != "image/png" || !bytes.HasPrefix(image.body, []byte("\x89PNG\r\n")) {
		t.Errorf("image: status %d, %s, %d bytes", image.status, image.header.Get("Content-Type"), len(image.body))
	}
	doc := h.do("GET", "/v1/certificates/"+n+"/credential", "", "token", "read")
	if c, err := credential.Decode(doc.body); err != nil || string(c.Number()) != n {
		t.Errorf("credential: status %d: %v", doc.status, err)
	}
	pdf := h.do("GET", "/v1/certificates/"+n+"/pdf", "", "token", "read")
	if pdf.status != 200 || pdf.header.Get("Content-Type") != "application/pdf" || !bytes.HasPrefix(pdf.body, []byte("%PDF-1.7\n")) {
		t.Errorf("pdf: status %d, %s, %d bytes", pdf.status, pdf.header.Get("Content-Type"), len(pdf.body))
	}
	if attached, err := site.Extract(pdf.body); err != nil || !bytes.Equal(attached, doc.body) {
		t.Errorf("the PDF carries %d bytes, the credential has %d (%v)", len(attached), len(doc.body), err)
	}
}

func TestTemplatesAreListedByType(t *testing.T) {
	h := newHouse(t)
	for query, want := range map[string]int{"": 3, "?type=exam": 1} {
		a := h.do("GET", "/v1/templates"+query, "", "token", "read")
		var list api.TemplateList
		if err := json.Unmarshal(a.body, &list); err != nil || len(list.Items) != want {
			t.Errorf("%q: status %d: %s", query, a.status, a.body)
		}
	}
	if a := h.do("GET", "/v1/templates?type=diploma", "", "token", "read"); a.status != 422 {
		t.Errorf("unknown type: status %d: %s", a.status, a.body)
	}
}

func TestTokensOpenWhatTheirScopesSay(t *testing.T) {
	h := newHouse(t)
	revoked, token, _ := api.NewToken("revoked", []string{"read"}, "", time.Time{}, time.Now())
	if err := h.issuer.CreateToken(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if err := h.issuer.RevokeToken(t.Context(), token.ID); err != nil {
		t.Fatal(err)
	}
	past := time.Now().Add(-2 * time.Hour)
	expired, token, _ := api.NewToken("expired", []string{"read"}, "", past.Add(time.Hour), past)
	if err := h.issuer.CreateToken(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, authorization string
		get, post           int
	}{
		{"none", "", 401, 401},
		{"no scheme", h.tokens["read"], 401, 401},
		{"another scheme", "Basic " + h.tokens["read"], 401, 401},
		{"no such token", "Bearer lrl_0000000000000000000000000000000000000000", 401, 401},
		{"a token cut short", "Bearer " + h.tokens["read"][:20], 401, 401},
		{"not one of ours", "Bearer ghp_abc", 401, 401},
		{"revoked", "Bearer " + revoked, 401, 401},
		{"expired", "Bearer " + expired, 401, 401},
		{"read", "Bearer " + h.tokens["read"], 200, 403},
		{"read, lower-case scheme", "bearer " + h.tokens["read"], 200, 403},
		{"issue", "Bearer " + h.tokens["issue"], 403, 201},
		{"status", "Bearer " + h.tokens["status"], 403, 403},
	}
	for _, tt := range tests {
		get := h.do("GET", "/v1/certificates", "", "Authorization", tt.authorization)
		post := h.do("POST", "/v1/certificates", request("t"), "Authorization", tt.authorization)
		if get.status != tt.get || post.status != tt.post {
			t.Errorf("%s: GET %d, POST %d; want %d, %d", tt.name, get.status, post.status, tt.get, tt.post)
		}
		for _, a := range []answer{get, post} {
			if challenge := a.header.Get("WWW-Authenticate"); (a.status == 401 || a.status == 403) != strings.HasPrefix(challenge, "Bearer ") {
				t.Errorf("%s: status %d with WWW-Authenticate %q", tt.name, a.status, challenge)
			}
			if a.status >= 400 {
				a.problem(t)
			}
		}
	}
	if n := h.total(); n != 1 {
		t.Errorf("%d certificates, want the one of the token with the scope issue", n)
	}
}

func TestWhatIsNotThereIsAProblemToo(t *testing.T) {
	h := newHouse(t)
	for _, tt := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/", 404, ""}, {"GET", "/v1/nothing", 404, ""}, {"POST", "/v1/nothing", 404, ""}, {"GET", "/control/tokens", 404, ""},
		{"POST", "/control/build", 404, ""}, {"GET", "/v1/certificates/", 404, ""},
		{"PUT", "/v1/certificates", 405, "GET, HEAD, POST"}, {"POST", "/v1/templates", 405, "GET, HEAD"}, {"GET", "/v1/certificates/bulk/x", 404, ""},
		{"DELETE", "/v1/certificates/7F3K-9QXM-2T8W-RB5H", 405, "GET, HEAD"},
	} {
		a := h.do(tt.method, tt.path, "", "token", "issue+read")
		if a.status != tt.status || a.header.Get("Allow") != tt.allow {
			t.Errorf("%s %s: status %d, Allow %q; want %d, %q", tt.method, tt.path, a.status, a.header.Get("Allow"), tt.status, tt.allow)
			continue
		}
		a.problem(t)
	}
}

func TestHealthNeedsNoToken(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{"/livez", "/readyz"} {
		if a := h.do("GET", path, ""); a.status != 200 || !strings.Contains(string(a.body), `"ok"`) {
			t.Errorf("%s: status %d: %s", path, a.status, a.body)
		}
	}
}

func TestAnswersAreAsTheyAreDescribed(t *testing.T) {
	h := newHouse(t)
	receipt := h.post(exam(`{"score":92.5,"max_score":100}`))
	expiring := h.post(strings.Replace(request("e"), `{"template"`, `{"expires_at":"2999-01-01T00:00:00Z","template"`, 1))
	bulk := h.do("POST", "/v1/certificates/bulk", request("b")+"\n{}", "token", "issue", "Content-Type", "application/x-ndjson")
	lines := bytes.SplitN(bytes.TrimSpace(bulk.body), []byte("\n"), 2)
	for _, tt := range []struct {
		schema   string
		document []byte
	}{
		{"Receipt", receipt.body}, {"Receipt", expiring.body}, {"BulkLine", lines[0]}, {"BulkLine", lines[1]},
		{"List", h.do("GET", "/v1/certificates", "", "token", "read").body},
		{"TemplateList", h.do("GET", "/v1/templates", "", "token", "read").body},
		{"State", h.do("GET", "/readyz", "").body},
		{"Problem", h.post(`{}`).body}, {"Problem", h.do("GET", "/nothing", "").body},
		{"IssueRequest", []byte(request("x"))},
	} {
		if err := api.Conforms(tt.schema, tt.document); err != nil {
			t.Errorf("%v\n%s", err, tt.document)
		}
	}
	if api.Conforms("Receipt", []byte(`{"number":1}`)) == nil {
		t.Error("the comparison finds nothing")
	}
}
