package api

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// described builds the routes without an issuer: enough for everything that asks none.
func described(log *slog.Logger) *service {
	s := newService(Config{Log: log})
	s.authenticate = s.bearer
	return s
}

func registered(s *service) []string {
	var all []string
	for _, op := range slices.Concat(s.operations(), s.platformOperations(), s.documentation(), s.controlOperations(), s.adminOperations()) {
		all = append(all, op.Method+" "+op.Path)
	}
	return all
}

func TestEveryOperationSaysWhoMayCallIt(t *testing.T) {
	s := described(slog.New(slog.DiscardHandler))
	ops := registered(s)
	for _, op := range ops {
		need, known := s.access[op]
		if !known {
			t.Errorf("%s has no row in access", op)
		}
		if local := strings.Contains(op, " /control/") || op == "GET /metrics"; local != need.local {
			t.Errorf("%s needs %+v", op, need)
		}
	}
	for op := range s.access {
		if !slices.Contains(ops, op) {
			t.Errorf("access has a row for %s, which is no operation", op)
		}
	}
}

func TestWhatHasNoRowInAccessIsRefusedWhoeverAsks(t *testing.T) {
	s := described(slog.New(slog.DiscardHandler))
	s.authenticate = owner
	called := false
	s.register([]operation{{Operation: huma.Operation{Method: "GET", Path: "/v1/secret", Hidden: true}, handle: func(http.ResponseWriter, *http.Request, principal) error {
		called = true
		return nil
	}}})
	w := httptest.NewRecorder()
	s.handler().ServeHTTP(w, httptest.NewRequest("GET", "/v1/secret", nil))
	if w.Code != http.StatusForbidden || called {
		t.Errorf("status %d, called %v", w.Code, called)
	}
}

func TestNoTokenHasTheRightsOfTheSocket(t *testing.T) {
	for _, kind := range []principalKind{ofNobody, ofToken, ofPerson} {
		p := principal{kind: kind, id: "x", scopes: append(Scopes(), "local", "open", ""), role: roleAdmin}
		if p.may(local) || p.may(rule{}) {
			t.Errorf("principals of kind %d may what only the socket's may", kind)
		}
	}
	if p, _ := owner(nil); !p.may(local) || !p.may(issuers) || p.may(rule{}) {
		t.Error("the socket's principal may not what it should, or what nobody should")
	}
}

func TestAPanicIsAProblemWithoutDetails(t *testing.T) {
	var log bytes.Buffer
	s := described(slog.New(slog.NewTextHandler(&log, nil)))
	s.access["GET /v1/crash"] = open
	s.register([]operation{{Operation: huma.Operation{Method: "GET", Path: "/v1/crash", Hidden: true}, handle: func(http.ResponseWriter, *http.Request, principal) error {
		panic("the password is 1234")
	}}})
	w := httptest.NewRecorder()
	s.handler().ServeHTTP(w, httptest.NewRequest("GET", "/v1/crash", nil))
	if w.Code != 500 || w.Header().Get("Content-Type") != "application/problem+json" || strings.Contains(w.Body.String(), "1234") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "1234") {
		t.Error("the log does not say why")
	}
}

func TestMoreRequestsThanCanBeWorkedOnAreAskedToComeBack(t *testing.T) {
	s := described(slog.New(slog.DiscardHandler))
	for range maxInFlight {
		s.slots <- struct{}{}
	}
	w := httptest.NewRecorder()
	s.handler().ServeHTTP(w, httptest.NewRequest("GET", "/docs", nil))
	if w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("status %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
}

func get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	described(slog.New(slog.DiscardHandler)).handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	if w.Code != 200 {
		t.Fatalf("%s: status %d", path, w.Code)
	}
	return w
}

func TestTheOpenAPIDocumentIsWholeAndTheSameEveryTime(t *testing.T) {
	body := get(t, "/openapi.json").Body.Bytes()
	if !bytes.Equal(body, get(t, "/openapi.json").Body.Bytes()) {
		t.Error("two documents differ")
	}
	var doc struct {
		OpenAPI    string
		Paths      map[string]map[string]map[string]any
		Components struct {
			Schemas         map[string]map[string]any
			SecuritySchemes map[string]any
		}
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") {
		t.Errorf("openapi %q", doc.OpenAPI)
	}
	var ids []string
	for path, item := range doc.Paths {
		if strings.HasPrefix(path, "/control/") {
			t.Errorf("%s is published", path)
		}
		for method, op := range item {
			id, _ := op["operationId"].(string)
			if id == "" || slices.Contains(ids, id) {
				t.Errorf("%s %s: operationId %q is missing or taken", method, path, id)
			}
			ids = append(ids, id)
			if len(op["responses"].(map[string]any)) == 0 || op["summary"] == "" {
				t.Errorf("%s: no responses or no summary", id)
			}
			for _, variable := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
				if params, _ := json.Marshal(op["parameters"]); !strings.Contains(string(params), `"name":"`+variable[1]+`"`) {
					t.Errorf("%s: %s is not described", id, variable[1])
				}
			}
		}
	}
	if len(ids) != 22 {
		t.Errorf("%d operations: %v", len(ids), ids)
	}
	for _, ref := range regexp.MustCompile(`"\$ref":"([^"]*)"`).FindAllStringSubmatch(string(body), -1) {
		name, ok := strings.CutPrefix(ref[1], "#/components/schemas/")
		if _, defined := doc.Components.Schemas[name]; !ok || !defined {
			t.Errorf("%s leads nowhere", ref[1])
		}
	}
}

func TestTheDescribedRequestIsTheOneThatIsRead(t *testing.T) {
	s := described(slog.New(slog.DiscardHandler))
	schemas := s.openapi.Components.Schemas.Map()
	for name, at := range map[string]string{"IssueRequest": "", "RecipientFacts": "recipient", "AchievementName": "achievement", "ResultFacts": "result"} {
		schema := schemas[name]
		if schema == nil || schema.AdditionalProperties != false {
			t.Fatalf("%s: %+v", name, schema)
		}
		described := slices.Sorted(maps.Keys(schema.Properties))
		body := `{"no":1}`
		if at != "" {
			body = `{"` + at + `":{"no":1}}`
		}
		_, _, err := decodeRequest([]byte(body))
		var known []string
		for _, f := range err.(*Problem).Errors {
			if names, ok := strings.CutPrefix(f.Message, "unknown field; known here: "); ok {
				known = strings.Split(names, ", ")
			}
		}
		if slices.Sort(known); !slices.Equal(described, known) {
			t.Errorf("%s describes %v, and %v are read", name, described, known)
		}
	}
}

func TestDocsLoadNothing(t *testing.T) {
	w := get(t, "/docs")
	page := w.Body.String()
	for _, loads := range []string{"<script", "<link", "<img", "<iframe", "src=", "url(", "@import", "http://", "//cdn"} {
		if strings.Contains(page, loads) {
			t.Errorf("the page has %s", loads)
		}
	}
	policy := w.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	for _, op := range described(slog.New(slog.DiscardHandler)).operations() {
		if !strings.Contains(page, `<section id="`+op.OperationID+`">`) {
			t.Errorf("%s is not on the page", op.OperationID)
		}
	}
	for _, k := range kinds() {
		if !strings.Contains(page, `id="`+k.name+`"`) {
			t.Errorf("the problem %s is not on the page", k.name)
		}
	}
	for _, ref := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(page, -1) {
		if !strings.Contains(page, `id="`+ref[1]+`"`) {
			t.Errorf("#%s leads nowhere", ref[1])
		}
	}
}

func TestAnEchoedValueIsShortAndWhole(t *testing.T) {
	for in, want := range map[string]string{
		"short":                   "short",
		strings.Repeat("中", 64):   strings.Repeat("中", 64),
		strings.Repeat("中", 65):   strings.Repeat("中", 63) + "…",
		"a\xffb":                  "a\uFFFDb",
		strings.Repeat("x", 1e6):  strings.Repeat("x", 63) + "…",
		strings.Repeat("\xff", 2): "\uFFFD",
	} {
		if got := cut(in); got != want {
			t.Errorf("cut(%.20q…) = %q, want %q", in, got, want)
		}
	}
}
