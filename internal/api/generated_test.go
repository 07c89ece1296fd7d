package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"laurel/internal/api"
)

// generator makes requests from the OpenAPI document: mostly as it describes them, with something else here and there.
type generator struct {
	*rand.Rand
	tokens  []string
	numbers []string // of certificates that are there
}

func pick[T any](g *generator, all []T) T { return all[g.IntN(len(all))] }

// odd are values that no parameter asks for.
var odd = []string{"", " ", "0", "-1", "1e9", "99999999999999999999", "NaN", "null", "true", "[]", "{}", "\x00", "a\x00b", "%", "%00", "../../etc/passwd", "' OR 1=1--", "<script>", "\u202e", "🎓", "\xff\xfe", strings.Repeat("x", 5000)}

func (g *generator) value(name string, s *huma.Schema) string {
	if g.IntN(12) == 0 {
		return pick(g, odd)
	}
	switch {
	case name == "number" || name == "cert_no":
		return pick(g, g.numbers)
	case name == "cert_id":
		return strconv.Itoa(1 + g.IntN(2*len(g.numbers)))
	case name == "user_id" || name == "recipient":
		return pick(g, []string{"1042", "2000", "p1", "nobody"})
	case len(s.Enum) > 0:
		return fmt.Sprint(pick(g, s.Enum))
	case s.Type == "integer":
		least, most := -2.0, 200.0
		if s.Minimum != nil {
			least = *s.Minimum - 1
		}
		if s.Maximum != nil {
			most = min(*s.Maximum+1, 1e6)
		}
		return strconv.FormatInt(int64(least)+g.Int64N(int64(most-least)+1), 10)
	case s.Type == "number":
		return strconv.FormatFloat(g.Float64()*120-5, 'f', g.IntN(4), 64)
	}
	return pick(g, []string{"course", "张伟", "样例 Sample", "acme", "x"})
}

// document makes a JSON value of a schema.
func (g *generator) document(s *huma.Schema) any {
	schemas := api.Description().Components.Schemas
	for s.Ref != "" {
		s = schemas.SchemaFromRef(s.Ref)
	}
	if g.IntN(25) == 0 {
		return pick(g, []any{nil, true, -1, 1e300, "", "\u202e", []any{}, map[string]any{}, strings.Repeat("名", 400)})
	}
	switch s.Type {
	case "object":
		o := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			p := s.Properties[name]
			if slices.Contains(s.Required, name) && g.IntN(20) > 0 || g.IntN(3) == 0 {
				o[name] = g.property(name, p)
			}
		}
		if g.IntN(20) == 0 {
			o["unknown"] = 1
		}
		return o
	case "number", "integer":
		return json.Number(strconv.FormatFloat(g.Float64()*110, 'f', g.IntN(3), 64))
	}
	return g.value("", s)
}

func (g *generator) property(name string, p *huma.Schema) any {
	switch name {
	case "template":
		return pick(g, []string{"course", "exam", "achievement", "course", "exam", "none"})
	case "issued_at", "expires_at":
		return pick(g, []string{"2026-03-01T02:03:04Z", "2031-03-01T10:03:04+08:00", "2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "yesterday"})
	case "id":
		return pick(g, []string{"1042", "2000", "C-301"}) + strconv.Itoa(g.IntN(50))
	}
	return g.document(p)
}

// request makes one request.
func (g *generator) request(op *huma.Operation) *http.Request {
	path, query, header := op.Path, url.Values{}, http.Header{}
	for _, p := range op.Parameters {
		if likely := strings.HasPrefix(p.Name, "user_"); !p.Required && g.IntN(3) > 0 && (!likely || g.IntN(10) == 0) {
			continue
		}
		v := g.value(p.Name, p.Schema)
		switch p.In {
		case "path":
			if v == "" || v == "." || v == ".." {
				v = "x"
			}
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(v))
		case "query":
			if g.IntN(20) > 0 {
				query.Add(p.Name, v)
			}
			if g.IntN(40) == 0 {
				query.Add(p.Name, "twice")
			}
		case "header":
			header.Set(p.Name, strings.Map(func(r rune) rune {
				if r < ' ' || r > '~' {
					return 'x'
				}
				return r
			}, v))
		}
	}
	if g.IntN(30) == 0 {
		query.Set(pick(g, odd), "x")
	}
	var body []byte
	if op.RequestBody != nil {
		for media, content := range op.RequestBody.Content {
			header.Set("Content-Type", media)
			for range 1 + g.IntN(2) {
				line, _ := json.Marshal(g.document(content.Schema))
				if g.IntN(2) == 0 {
					line = []byte(request(fmt.Sprint("g", g.IntN(500))))
				}
				if g.IntN(25) == 0 {
					line = []byte(pick(g, odd))
				}
				body = append(append(body, line...), '\n')
				if media != "application/x-ndjson" {
					break
				}
			}
		}
		if g.IntN(40) == 0 {
			header.Set("Content-Type", pick(g, []string{"", "text/plain", "application/json; charset=latin1"}))
		}
	}
	r := httptest.NewRequest(op.Method, path+"?"+query.Encode(), bytes.NewReader(body))
	r.Header = header
	if token := pick(g, g.tokens); g.IntN(20) > 0 {
		r.Header.Set("Authorization", token)
	} else if token := pick(g, []string{"", "Basic x", "Bearer", "Bearer lrl_none", "Bearer a.b.c", "\x00"}); token != "" {
		r.Header.Set("Authorization", token)
	}
	return r
}

// LAUREL_REQUESTS is how many requests are generated where 5,000 are not enough.
func TestGeneratedRequestsAreAnsweredAsDescribed(t *testing.T) {
	n := 5000
	if s := os.Getenv("LAUREL_REQUESTS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	h := newHouse(t)
	g := &generator{Rand: rand.New(rand.NewPCG(7, uint64(n)))}
	for i := range 5 {
		g.numbers = append(g.numbers, string(h.post(request(fmt.Sprint("p", i))).receipt(t).Number))
	}
	g.numbers = append(g.numbers, string(missing(t)), "7F3K-9QXM-2T8W-RB5H", "x")
	for _, token := range []string{h.tokens["issue+read"], h.tokens["issue+read"], h.tokens["issue"], h.tokens["read"], h.tokens["status"],
		signIn(t, "1042"), signIn(t, "9", "role", "admin", "scope", "issue status"), signIn(t, "9", "role", "enterprise_admin", "org", "acme")} {
		g.tokens = append(g.tokens, "Bearer "+token)
	}
	var ops []*huma.Operation
	for _, item := range api.Description().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post} {
			if op != nil {
				ops = append(ops, op)
			}
		}
	}
	slices.SortFunc(ops, func(a, b *huma.Operation) int { return strings.Compare(a.OperationID, b.OperationID) })
	handler := api.New(h.config)
	seen := map[string]int{}
	for i := range n {
		op := ops[i%len(ops)]
		r := g.request(op)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		seen[fmt.Sprint(op.OperationID, " ", w.Code)]++
		if w.Code >= 500 {
			t.Errorf("%d: %s %s: status %d: %s", i, r.Method, r.URL, w.Code, w.Body)
		}
		if err := api.CheckReply(r.Method, r.URL.EscapedPath(), w.Code, w.Header(), w.Body.Bytes()); err != nil {
			t.Errorf("%d: %s: %v", i, r.URL, err)
		}
	}
	for _, op := range ops { // a generator that makes nothing good shows nothing
		good := seen[op.OperationID+" 200"] + seen[op.OperationID+" 201"] + seen[op.OperationID+" 404"]
		if good == 0 {
			t.Errorf("%s was never answered well in %d requests", op.OperationID, n/len(ops))
		}
	}
	for _, outcome := range slices.Sorted(maps.Keys(seen)) {
		t.Logf("%5d %s", seen[outcome], outcome)
	}
	if log := h.log.String(); strings.Contains(log, "panic") {
		t.Error(log)
	}
}

func TestAReplyThatIsNotAsDescribedIsNoticed(t *testing.T) {
	media := http.Header{"Content-Type": {"application/json"}}
	good := `{"items":[],"total":0,"next_cursor":null}`
	if err := api.CheckReply("GET", "/v1/certificates", 200, media, []byte(good)); err != nil {
		t.Error(err)
	}
	for what, check := range map[string]error{
		"a field of another type": api.CheckReply("GET", "/v1/certificates", 200, media, []byte(`{"items":[],"total":"0","next_cursor":null}`)),
		"a field that is missing": api.CheckReply("GET", "/v1/certificates", 200, media, []byte(`{"items":[]}`)),
		"a field of nobody":       api.CheckReply("GET", "/v1/certificates", 200, media, []byte(`{"items":[],"total":0,"next_cursor":null,"x":1}`)),
		"another status":          api.CheckReply("GET", "/v1/certificates", 204, media, []byte(good)),
		"another media type":      api.CheckReply("GET", "/v1/certificates", 200, http.Header{"Content-Type": {"text/html"}}, []byte(good)),
		"a status of nobody":      api.CheckReply("GET", "/api/v1/certificates/1", 200, media, []byte(`{"code":200,"message":"success","data":{"status":"fine"}}`)),
	} {
		if check == nil {
			t.Errorf("%s: not noticed", what)
		}
	}
}
