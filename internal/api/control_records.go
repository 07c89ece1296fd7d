package api

import (
	"errors"
	"net/http"

	"laurel/internal/issuer"
)

// erase removes what a certificate says of a person.
func (s *service) erase(w http.ResponseWriter, r *http.Request, p principal) error {
	q := params(r)
	wait := q.oneOf("wait", "published")
	if err := q.refused(); err != nil {
		return err
	}
	body, err := readBody(r, "application/json")
	if err != nil {
		return err
	}
	tree, err := parse(body)
	if err != nil {
		return err
	}
	var d decoder
	why := ""
	if o := d.object(tree, "body", "reason"); o.members != nil {
		why = o.text("reason", optional)
	}
	if len(d.faults) > 0 {
		return invalid.faults(d.faults...)
	}
	found, err := s.find(r, p)
	if err != nil {
		return err
	}
	ctx, done := patience(w, r, wait != "")
	defer done()
	now, changed, err := s.issuer.Erase(ctx, found.Number, why, issuer.Call{Principal: p.id, Wait: wait != ""})
	if err != nil {
		return statusProblem(err)
	}
	return reply(w, http.StatusOK, standing(now, changed))
}

// compact writes the records anew, without what was erased.
func (s *service) compact(w http.ResponseWriter, r *http.Request, _ principal) error {
	unhurried(w)
	before, after, err := s.issuer.Compact(r.Context())
	if errors.Is(err, issuer.ErrCopying) {
		return unavailable.problem("%v.", err).with("Retry-After", "60")
	}
	if err != nil {
		return err
	}
	return reply(w, http.StatusOK, map[string]int64{"before": before, "after": after})
}
