package api

import (
	"crypto/sha256"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"laurel/internal/issuer"
)

// BenchmarkRequest measures what a request costs on its way to the issuer and back: routing, the right to
// do it, reading and vetting the body, and writing the receipt.
func BenchmarkRequest(b *testing.B) {
	s := described(slog.New(slog.DiscardHandler))
	s.access["POST /v1/benchmark"] = issuers
	s.authenticate = func(r *http.Request) (principal, error) {
		sum := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		return principal{kind: ofToken, id: string(sum[:4]), scopes: []string{"issue"}}, nil
	}
	receipt := &issuer.Receipt{Number: "7F3K-9QXM-2T8W-RB5H", State: "recorded", Result: &issuer.ReceiptResult{CompletionRate: "100"}}
	s.register([]operation{{Operation: huma.Operation{Method: "POST", Path: "/v1/benchmark", Hidden: true}, handle: func(w http.ResponseWriter, r *http.Request, _ principal) error {
		body, err := readBody(r, "application/json")
		if err != nil {
			return err
		}
		if _, _, err := decodeRequest(body); err != nil {
			return err
		}
		return reply(w, http.StatusCreated, receipt)
	}}})
	h := s.handler()
	const body = `{"template":"course","recipient":{"id":"1042","name":"张伟"},"achievement":{"id":"C-301","name":"安全生产基础"},"result":{"completion_rate":100},"issued_at":"2026-03-01T02:03:04Z"}`
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("POST", "/v1/benchmark", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer lrl_benchmark")
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusCreated {
			answer, _ := io.ReadAll(w.Body)
			b.Fatalf("status %d: %s", w.Code, answer)
		}
	}
}
