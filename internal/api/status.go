package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"laurel/credential"
	"laurel/internal/issuer"
)

// StatusRequest describes the body of a change of status. It is read by decodeStatus, never by encoding/json.
type StatusRequest struct {
	_      struct{} `additionalProperties:"false"`
	Status string   `json:"status" enum:"revoked,suspended,valid" doc:"revoked is final; valid ends a suspension."`
	Reason string   `json:"reason" doc:"Why, in your words. It stays in the record, in no public file."`
	Code   string   `json:"code,omitempty" enum:"unspecified,error,misconduct,requirements,request,review,cleared" doc:"Why, for everybody to read. Of revoked: error, misconduct, requirements, request; of suspended: review, request; of valid: cleared, request; of any: unspecified, which is also what counts where it is absent."`
}

// Standing is what a certificate counts for. It names nobody, so that whoever may change a status need not be one who
// may read.
type Standing struct {
	Number   credential.Number `json:"number"`
	State    string            `json:"state" enum:"recorded,published"`
	Status   string            `json:"status" enum:"valid,suspended,revoked,expired"`
	Changed  bool              `json:"changed" doc:"False where it had this status already, and nothing was recorded."`
	Code     string            `json:"code,omitempty" doc:"The public reason for it."`
	Since    *time.Time        `json:"since,omitempty"`
	LogIndex *int64            `json:"log_index,omitempty" doc:"Of the log entry that records it."`
	URL      string            `json:"url"`
}

func standing(r *issuer.Receipt, changed bool) Standing {
	s := Standing{Number: r.Number, State: r.State, Status: r.Status, Changed: changed, URL: r.URL}
	if n := len(r.History); n > 0 {
		last := &r.History[n-1]
		s.Code, s.Since, s.LogIndex = last.Code, &last.Time, &last.LogIndex
	}
	return s
}

// setStatus answers POST /v1/certificates/{number}/status.
func (s *service) setStatus(w http.ResponseWriter, r *http.Request, p principal) error {
	q := params(r)
	wait := q.oneOf("wait", "published")
	if err := q.refused(); err != nil {
		return err
	}
	body, err := readBody(r, "application/json")
	if err != nil {
		return err
	}
	change, err := decodeStatus(body)
	if err != nil {
		return err
	}
	found, err := s.find(r, p)
	if err != nil {
		return err
	}
	ctx, done := patience(w, r, wait != "")
	defer done()
	now, changed, err := s.issuer.SetStatus(ctx, found.Number, change, issuer.Call{Principal: p.id, Wait: wait != ""})
	if err != nil {
		return statusProblem(err)
	}
	return reply(w, http.StatusOK, standing(now, changed))
}

// patience bounds how long a caller who waits for files is kept waiting.
func patience(w http.ResponseWriter, r *http.Request, waits bool) (context.Context, context.CancelFunc) {
	if !waits {
		return r.Context(), func() {}
	}
	unhurried(w)
	return context.WithTimeout(r.Context(), publishPatience)
}

func decodeStatus(body []byte) (change issuer.Status, err error) {
	tree, err := parse(body)
	if err != nil {
		return change, err
	}
	var d decoder
	if o := d.object(tree, "body", "status", "reason", "code"); o.members != nil {
		change = issuer.Status{Status: o.text("status", required), Reason: o.text("reason", required), Code: o.text("code", optional)}
		if v, given := o.members["reason"].(string); given && v == "" {
			d.fault("body.reason", "is empty; say why, for those who will ask", "")
		}
	}
	if len(d.faults) > 0 {
		return change, invalid.faults(d.faults...)
	}
	return change, nil
}

// statusProblem gives refusals of a change their HTTP form.
func statusProblem(err error) error {
	if fe, ok := errors.AsType[*issuer.FinalError](err); ok {
		said := "Certificate %s was revoked on %s (%s), which is final."
		if fe.Replacement != "" {
			return final.problem(said+" %s was issued in its place.", fe.Number, fe.Since.Format(time.DateOnly), fe.Code, fe.Replacement)
		}
		return final.problem(said, fe.Number, fe.Since.Format(time.DateOnly), fe.Code)
	}
	if errors.Is(err, issuer.ErrNotFound) {
		return notFound.problem("No certificate has this number.")
	}
	return issueProblem(err)
}
