package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"testing"
	"time"
	"unicode/utf8"

	"laurel/internal/jcs"
)

// FuzzIssueRequest holds the reading of request bodies to three things: it ends in a request or in a problem
// that mirrors little; white space and order make no other request; and what is read is what encoding/json,
// the reader of most callers, reads too.
func FuzzIssueRequest(f *testing.F) {
	samples, err := os.ReadFile("../../data/sample/requests.ndjson")
	if err != nil {
		f.Fatal(err)
	}
	for line := range bytes.Lines(samples) {
		f.Add(line)
	}
	for _, seed := range []string{
		``, `{}`, `[]`, `null`, `{"template":"course"}`, `{"Template":"course"}`, `{"template":1}`, `{"recipient":{"id":1,"name":null}}`,
		`{"template":"course","recipient":{"id":"1","name":"a"},"achievement":{"id":"c","name":"b"},"result":{"score":92.50,"max_score":1e2},"issued_at":"2026-03-01T02:03:04+08:00","expires_at":null}`,
		`{"template":"a","template":"b"}`, `{"x":"\ud800"}`, "{\"template\":\"\xff\"}", `{"result":{"score":"92.5"}}`, `{"issued_at":"yesterday"}`, `{"a":1} {"b":2}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		req, digest, err := decodeRequest(body)
		if err != nil {
			p, ok := errors.AsType[*Problem](err)
			if !ok || p.Status != 400 && p.Status != 422 {
				t.Fatalf("%v", err)
			}
			for _, fault := range p.Errors {
				if utf8.RuneCountInString(fault.Value) > 64 || !utf8.ValidString(fault.Value) || fault.Message == "" || fault.Location == "" {
					t.Fatalf("%+v", fault)
				}
			}
			return
		}
		canonical, err := jcs.Transform(body)
		if err != nil {
			t.Fatalf("taken, and has no canonical form: %v", err)
		}
		again, digestAgain, err := decodeRequest(canonical)
		if err != nil || digestAgain != digest {
			t.Fatalf("the canonical form is another request: %v", err)
		}
		var plain struct {
			Template, Occasion string
			Recipient          struct{ ID, Name, Email string }
			Achievement        struct{ ID, Name string }
			IssuedAt           *time.Time `json:"issued_at"`
			ExpiresAt          *time.Time `json:"expires_at"`
			Result             *struct{ Score *json.Number }
		}
		if err := json.Unmarshal(body, &plain); err != nil {
			t.Fatalf("taken, and encoding/json refuses it: %v", err)
		}
		if plain.Template != req.Template || plain.Occasion != req.Occasion || plain.Recipient.ID != req.Recipient.ID ||
			plain.Recipient.Name != req.Recipient.Name || plain.Recipient.Email != req.Recipient.Email ||
			plain.Achievement.ID != req.Achievement.ID || plain.Achievement.Name != req.Achievement.Name {
			t.Fatalf("read as %+v, and by encoding/json as %+v", req, plain)
		}
		if !reflect.DeepEqual(times(plain.IssuedAt, plain.ExpiresAt), times(req.IssuedAt, req.ExpiresAt)) {
			t.Fatalf("times are read as %v, %v", req.IssuedAt, req.ExpiresAt)
		}
		if req.Result != nil && req.Result.Score != nil && (plain.Result == nil || string(*plain.Result.Score) != *req.Result.Score) {
			t.Fatalf("the score is read as %s", *req.Result.Score)
		}
		again.Result, req.Result = nil, nil // the canonical form spells numbers its own way
		if !reflect.DeepEqual(times(again.IssuedAt, again.ExpiresAt), times(req.IssuedAt, req.ExpiresAt)) || again.Recipient != req.Recipient {
			t.Fatalf("%+v and %+v", req, again)
		}
	})
}

func times(all ...*time.Time) (unix []int64) {
	for _, at := range all {
		if at == nil {
			unix = append(unix, -1)
		} else {
			unix = append(unix, at.UnixNano())
		}
	}
	return unix
}
