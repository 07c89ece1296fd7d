package issuer

import (
	"context"
	"fmt"

	"laurel/credential"
	"laurel/templates"
)

// Warm paints what the certificates of each template have in common, in both languages, so that the first of them do
// not take both processors from requests. A daemon does so before it listens.
func (i *Issuer) Warm(ctx context.Context) error {
	var samples []*credential.Credential
	for _, t := range i.builder.Renderer().Templates().Certificates() {
		for _, achievement := range []string{"安全生产基础", "First Steps"} {
			p, err := i.plan(sampleRequest(t, achievement), i.cfg.Now())
			if err != nil {
				return fmt.Errorf("a sample of the template %s: %w", t.ID, err)
			}
			samples = append(samples, credential.New(p.facts(i, sampleNumber, 0, 0)))
		}
	}
	return i.builder.Warm(ctx, samples)
}

// sampleNumber is well-formed.
const sampleNumber credential.Number = "0000-0000-0000-0000"

func sampleRequest(t *templates.Certificate, achievement string) Request {
	r := Request{Template: t.ID, Recipient: Person{ID: "sample", Name: "张伟"}, Achievement: Item{ID: "sample", Name: achievement}}
	full := "100"
	switch t.Type {
	case "course":
		r.Result = &Result{CompletionRate: &full}
	case "exam":
		if t.MaxScore != "" {
			full = t.MaxScore
		}
		r.Result = &Result{Score: &full, MaxScore: &full}
	}
	return r
}
