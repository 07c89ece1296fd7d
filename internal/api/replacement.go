package api

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"

	"laurel/internal/issuer"
	"laurel/internal/jcs"
)

// ReplacementRequest describes the body of a correction: an issue request in which everything may be left out. It is
// read by decodeReplacement, never by encoding/json.
type ReplacementRequest struct {
	_            struct{}              `additionalProperties:"false"`
	Reason       string                `json:"reason,omitempty" doc:"Why, in your words. It stays in the record of the old one, in no public file."`
	Template     string                `json:"template,omitempty" doc:"That of the certificate; it cannot change." example:"course"`
	Recipient    *CorrectedRecipient   `json:"recipient,omitempty"`
	Achievement  *CorrectedAchievement `json:"achievement,omitempty"`
	Result       *ResultFacts          `json:"result,omitempty" doc:"Taken as a whole."`
	Organisation string                `json:"organisation,omitempty"`
	Occasion     string                `json:"occasion,omitempty"`
	IssuedAt     string                `json:"issued_at,omitempty" format:"date-time"`
	ExpiresAt    string                `json:"expires_at,omitempty" format:"date-time"`
}

// CorrectedRecipient describes what was wrong about the recipient.
type CorrectedRecipient struct {
	_     struct{} `additionalProperties:"false"`
	ID    string   `json:"id,omitempty"`
	Name  string   `json:"name,omitempty" example:"张玮"`
	Email string   `json:"email,omitempty"`
}

// CorrectedAchievement describes what was wrong about what was earned.
type CorrectedAchievement struct {
	_    struct{} `additionalProperties:"false"`
	ID   string   `json:"id,omitempty"`
	Name string   `json:"name,omitempty"`
}

// replace answers POST /v1/certificates/{number}/replacement.
func (s *service) replace(w http.ResponseWriter, r *http.Request, p principal) error {
	key, body, wait, err := readOrder(r)
	if err != nil {
		return err
	}
	correction, canonical, err := decodeReplacement(body)
	if err != nil {
		return err
	}
	old, err := s.find(r, p)
	if err != nil {
		return err
	}
	corrected := correction.Apply
	correction.Apply = func(req *issuer.Request) error {
		if err := corrected(req); err != nil {
			return err
		}
		return p.mayIssue(req)
	}
	ctx, done := patience(w, r, wait)
	defer done()
	receipt, first, err := s.issuer.Replace(ctx, old.Number, correction, issuer.Call{
		Principal: p.id, Reach: p.readsOnIssue(), Key: key, Wait: wait,
		Body: sha256.Sum256(append([]byte("replacement of "+old.Number+"\n"), canonical...)),
	})
	if err != nil {
		return replacementProblem(err)
	}
	if !first {
		return reply(w, http.StatusOK, p.show(receipt))
	}
	w.Header().Set("Location", "/v1/certificates/"+string(receipt.Number))
	return reply(w, http.StatusCreated, p.show(receipt))
}

// decodeReplacement reads a correction, and returns its canonical form beside.
func decodeReplacement(body []byte) (c issuer.Correction, canonical []byte, err error) {
	tree, err := parse(body)
	if err != nil {
		return c, nil, err
	}
	var d decoder
	o := d.object(tree, "body", append([]string{"reason"}, requestFields()...)...)
	if o.members != nil {
		c.Reason = o.text("reason", optional)
		d.correct(o, &issuer.Request{}) // for what is wrong with it by itself
	}
	if len(d.faults) > 0 {
		return c, nil, invalid.faults(d.faults...)
	}
	if canonical, err = jcs.Append(nil, tree); err != nil {
		return c, nil, malformed.problem("The body is not acceptable JSON: %v.", err)
	}
	c.Apply = func(req *issuer.Request) error {
		d.correct(o, req)
		return nil
	}
	return c, canonical, nil
}

// correct changes in a request what a correction names.
func (d *decoder) correct(o object, req *issuer.Request) {
	o.replace("template", &req.Template)
	if p := o.object("recipient", optional, "id", "name", "email"); p.members != nil {
		p.replace("id", &req.Recipient.ID)
		p.replace("name", &req.Recipient.Name)
		p.replace("email", &req.Recipient.Email)
	}
	if a := o.object("achievement", optional, "id", "name"); a.members != nil {
		a.replace("id", &req.Achievement.ID)
		a.replace("name", &req.Achievement.Name)
	}
	if r := o.object("result", optional, "completion_rate", "score", "max_score"); r.members != nil {
		req.Result = &issuer.Result{CompletionRate: r.number("completion_rate"), Score: r.number("score"), MaxScore: r.number("max_score")}
	}
	o.replace("organisation", &req.Organisation)
	o.replace("occasion", &req.Occasion)
	if t := o.time("issued_at"); t != nil {
		req.IssuedAt = t
	}
	if t := o.time("expires_at"); t != nil {
		req.ExpiresAt = t
	}
}

// replace puts a text in another's place, if there is one.
func (o object) replace(name string, to *string) {
	if o.member(name, optional) != nil {
		*to = o.text(name, optional)
	}
}

// replacementProblem gives refusals of a correction their HTTP form.
func replacementProblem(err error) error {
	if ce, ok := errors.AsType[*issuer.ConflictError](err); ok {
		said := []string{"A certificate of the corrected recipient, achievement and occasion stands already."}
		if ce.Number != "" {
			said = append(said, "It is "+string(ce.Number)+": revoke the wrong one instead, or give the correction an occasion of its own.")
		}
		return conflict.problem("%s", strings.Join(said, " "))
	}
	return statusProblem(err)
}
