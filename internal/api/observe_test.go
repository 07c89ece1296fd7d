package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"laurel/internal/api"
	"laurel/internal/issuer"
)

func TestLogsAndMetricsNameRoutesAndNobody(t *testing.T) {
	h := newHouse(t, func(c *api.Config) { c.LogRequests = true; c.Meter = api.NewMeter() })
	number := string(h.post(request("person-1042")).receipt(t).Number)
	h.do("GET", "/v1/certificates/"+number, "", "token", "read")
	h.do("GET", "/v1/certificates?recipient=person-1042", "", "token", "read")
	h.do("GET", "/api/v1/certificates/user/person-1042", "", "Authorization", "Bearer "+signIn(t, "person-1042"))
	h.do("GET", "/api/v1/certificates/1/image", "", "Authorization", "Bearer "+signIn(t, "person-1042"))
	h.do("GET", "/nowhere/person-1042", "")
	log := h.log.String()
	for _, secret := range []string{"person-1042", "张伟", number, "lrl_", "eyJ", h.tokens["read"]} {
		if strings.Contains(log, secret) {
			t.Errorf("the log tells of %s:\n%s", secret, log)
		}
	}
	for _, said := range []string{`route="POST /v1/certificates" status=201`, `route="GET /v1/certificates/{number}" status=200`, `route="GET /api/v1/certificates/user/{user_id}" status=200`, `route=none status=404`} {
		if !strings.Contains(log, said) {
			t.Errorf("the log does not say %s:\n%s", said, log)
		}
	}
	w := httptest.NewRecorder()
	api.NewMetrics(h.config).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	page := w.Body.String()
	for _, line := range []string{
		`laurel_http_requests_total{route="POST /v1/certificates",status="201"} 1`,
		`laurel_http_request_seconds_count{route="GET /v1/certificates"} 1`,
		`laurel_http_requests_total{route="none",status="404"} 1`,
		"laurel_ready 1", "laurel_publishing_stuck 0", "laurel_round_size_count 1", "laurel_commit_seconds_count 1",
	} {
		if !strings.Contains(page, "\n"+line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
	if free := regexp.MustCompile(`\nlaurel_disk_free_bytes [1-9]`); !free.MatchString(page) {
		t.Error("the disk is not told of")
	}
	if strings.Contains(page, "1042") || strings.Contains(page, number) {
		t.Errorf("the metrics tell of somebody:\n%s", page)
	}
	if w := httptest.NewRecorder(); true {
		api.New(h.config).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		if w.Code != http.StatusNotFound {
			t.Errorf("the public API answers /metrics with %d", w.Code)
		}
	}
}

func TestARequestKeepsTheNumberThatATrustedProxyGaveIt(t *testing.T) {
	h := newHouse(t, func(c *api.Config) { c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} })
	handler := api.New(h.config)
	for _, tt := range []struct {
		remote, given string
		kept          bool
	}{
		{"127.0.0.1:1", "abc-123", true},
		{"192.0.2.1:1", "abc-123", false},
		{"127.0.0.1:1", "a b\nc", false},
		{"127.0.0.1:1", "", false},
	} {
		r := httptest.NewRequestWithContext(context.Background(), "GET", "/livez", nil)
		r.RemoteAddr = tt.remote
		r.Header["X-Request-Id"] = []string{tt.given}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if got := w.Header().Get("X-Request-Id"); (got == tt.given) != tt.kept || len(got) < 7 {
			t.Errorf("%q from %s: %q", tt.given, tt.remote, got)
		}
	}
}

func TestAFullDiskIsToldInTheCallersOwnForm(t *testing.T) {
	h := newHouseWith(t, func(c *issuer.Config) { c.MinFree = 1 << 62 })
	for path, body := range map[string]string{"/v1/certificates": `"type":"/docs#no-space"`, "/api/v1/certificates/issue/course?course_id=1&course_name=a&user_id=1&user_name=a": "存储空间不足"} {
		a := h.do("POST", path, request("1"), "token", "issue+read")
		if a.status != http.StatusInsufficientStorage || !strings.Contains(string(a.body), body) || a.header.Get("Retry-After") == "" {
			t.Errorf("%s: status %d: %s", path, a.status, a.body)
		}
	}
	if a := h.do("GET", "/readyz", ""); a.status != 503 || !strings.Contains(a.problem(t).Detail, "disk") {
		t.Errorf("readyz: status %d: %s", a.status, a.body)
	}
}
