package api

import (
	"net/http"
	"slices"
	"strings"

	"laurel/internal/issuer"
)

// A scope is a right that a token carries. "issue:TEMPLATE" is issue for one template.
type scope string

const (
	scopeIssue  scope = "issue"
	scopeRead   scope = "read"
	scopeStatus scope = "status"
	scopeAdmin  scope = "admin"
)

// Scopes lists the scopes that a token can have, of which issue can be narrowed to a template.
func Scopes() []string {
	return []string{string(scopeIssue), string(scopeRead), string(scopeStatus), string(scopeAdmin)}
}

// A rule says who may call an operation. The zero rule is nobody, the control socket included. What a caller then gets
// to see of it is his reach.
type rule struct {
	open   bool    // everybody, without a token
	local  bool    // callers of the control socket alone
	scopes []scope // who has all of these
	person bool    // people whom the platform has signed in, whatever their scopes
	token  bool    // API tokens, whatever their scopes
	staff  bool    // people whose role is admin or enterprise_admin, whatever their scopes
}

var (
	open      = rule{open: true}
	local     = rule{local: true}
	person    = rule{person: true}
	anySignIn = rule{person: true, token: true}
	readers   = rule{scopes: []scope{scopeRead}, person: true}
	issuers   = rule{scopes: []scope{scopeIssue}}
	changers  = rule{scopes: []scope{scopeStatus}}
	replacers = rule{scopes: []scope{scopeIssue, scopeStatus}}
	anyStaff  = rule{staff: true, token: true}
	staffRead = rule{scopes: []scope{scopeRead}, staff: true}
)

// access says who may call each operation. What has no row here is refused, whoever asks.
func access() map[string]rule {
	return map[string]rule{
		"POST /v1/certificates":                      issuers,
		"POST /v1/certificates/bulk":                 issuers,
		"GET /v1/certificates":                       readers,
		"GET /v1/certificates/{number}":              readers,
		"GET /v1/certificates/{number}/image":        readers,
		"GET /v1/certificates/{number}/pdf":          readers,
		"GET /v1/certificates/{number}/credential":   readers,
		"POST /v1/certificates/{number}/status":      changers,
		"POST /v1/certificates/{number}/replacement": replacers,
		"GET /v1/templates":                          readers,

		"GET /api/v1/certificates/templates":          anySignIn,
		"GET /api/v1/certificates/me":                 person,
		"GET /api/v1/certificates/user/{user_id}":     readers,
		"GET /api/v1/certificates/{cert_id}":          readers,
		"GET /api/v1/certificates/{cert_id}/image":    readers,
		"GET /api/v1/certificates/{cert_id}/download": readers,
		"GET /api/v1/certificates/verify/{cert_no}":   open,
		"POST /api/v1/certificates/issue/course":      issuers,
		"POST /api/v1/certificates/issue/exam":        issuers,
		"POST /api/v1/certificates/issue/achievement": issuers,

		"GET /livez":        open,
		"GET /readyz":       open,
		"GET /openapi.json": open,
		"GET /docs":         open,

		"GET /metrics":                                local,
		"GET /control/health":                         local,
		"GET /control/tokens":                         local,
		"POST /control/tokens":                        local,
		"DELETE /control/tokens/{token}":              local,
		"POST /control/tokens/{token}/rotation":       local,
		"GET /control/keys":                           local,
		"POST /control/keys/rotation":                 local,
		"POST /control/keys/revocation":               local,
		"POST /control/check":                         local,
		"GET /control/snapshot":                       local,
		"POST /control/build":                         local,
		"POST /control/export":                        local,
		"POST /control/certificates/{number}/erasure": local,
		"POST /control/compaction":                    local,
	}
}

// may decides whether a caller may call an operation of this rule.
func (p principal) may(r rule) bool {
	switch {
	case r.open:
		return true
	case p.kind == ofSocket:
		return r.local || r.person || r.token || len(r.scopes) > 0
	case r.local, p.kind == ofNobody:
		return false
	case r.person && p.kind == ofPerson, r.token && p.kind == ofToken:
		return true
	case r.staff && p.kind == ofPerson && (p.role == roleAdmin || p.role == roleEnterpriseAdmin):
		return true
	}
	for _, s := range r.scopes {
		if !p.has(s) {
			return false
		}
	}
	return len(r.scopes) > 0
}

// has reports whether a caller has a scope, or issue for some template.
func (p principal) has(s scope) bool {
	return slices.ContainsFunc(p.scopes, func(own string) bool {
		return own == string(s) || s == scopeIssue && strings.HasPrefix(own, string(scopeIssue)+":")
	})
}

// reach says whose certificates a caller may read, list, and change the status of, once he may call the operation.
func (p principal) reach() issuer.Reach {
	switch p.kind {
	case ofSocket:
		return issuer.Reach{All: true}
	case ofToken:
		return issuer.Reach{All: p.organisation == "", Organisation: p.organisation}
	case ofPerson:
		switch {
		case p.role == roleAdmin, p.role == roleEnterpriseAdmin && p.organisation == "":
			return issuer.Reach{All: true}
		case p.role == roleEnterpriseAdmin:
			return issuer.Reach{Organisation: p.organisation, Recipient: p.user}
		}
		return issuer.Reach{Recipient: p.user}
	}
	return issuer.Reach{}
}

// sees reports whether a certificate is within a caller's reach. What is not is answered like what does not exist.
func (p principal) sees(r *issuer.Receipt) bool {
	return p.reach().Takes(r.Recipient.ID, r.Organisation)
}

// show takes out of a record what its reader has no business with: why its status was changed, in somebody's own words,
// and by whom, is for those who run things, not for the person whom it is about.
func (p principal) show(r *issuer.Receipt) *issuer.Receipt {
	if r == nil || p.kind == ofSocket || p.kind == ofToken && p.may(readers) || p.role == roleAdmin || p.role == roleEnterpriseAdmin {
		return r
	}
	for i := range r.History {
		r.History[i].By, r.History[i].Reason = "", ""
	}
	return r
}

// narrow limits a list to what is within a caller's reach; false means that nothing of it is.
func (p principal) narrow(f *issuer.Filter) bool {
	r := p.reach()
	switch {
	case r.All, r.Recipient != "" && f.Recipient == r.Recipient:
		return true
	case r.Organisation != "" && (f.Organisation == "" || f.Organisation == r.Organisation):
		f.Organisation = r.Organisation
		return true
	case r.Recipient != "" && r.Organisation == "" && f.Recipient == "":
		f.Recipient = r.Recipient
		return true
	}
	return false
}

// readsOnIssue says which earlier certificates a caller who issues may learn of: those he may read.
func (p principal) readsOnIssue() issuer.Reach {
	if !p.may(readers) {
		return issuer.Reach{}
	}
	return p.reach()
}

// mayIssue refuses what a caller's scopes or organisation do not cover, and files a certificate under the caller's
// own organisation where the request names none.
func (p principal) mayIssue(req *issuer.Request) error {
	if p.kind != ofSocket && !slices.Contains(p.scopes, string(scopeIssue)) && !slices.Contains(p.scopes, string(scopeIssue)+":"+req.Template) {
		return forbidden.problem("This token may not issue certificates of the template %s; it has %s.", cut(req.Template), strings.Join(p.scopes, ", "))
	}
	bound := p.kind == ofToken || p.kind == ofPerson && p.role != roleAdmin
	switch {
	case p.organisation == "" || !bound:
	case req.Organisation == "":
		req.Organisation = p.organisation
	case req.Organisation != p.organisation:
		return forbidden.problem("This token issues for the organisation %s alone.", p.organisation)
	}
	return nil
}

// admit finds out who asks and refuses who may not.
func (s *service) admit(r *http.Request, pattern string, who func(*http.Request) (principal, error)) (principal, error) {
	need := s.access[pattern]
	if need.open {
		return principal{}, nil
	}
	if who == nil {
		who = s.authenticate
	}
	p, err := who(r)
	if err != nil {
		return principal{}, err
	}
	if !p.may(need) {
		return principal{}, need.refusal(p)
	}
	return p, nil
}

// words say in the documentation who may call an operation.
func (r rule) words() string {
	names := make([]string, len(r.scopes))
	for i, s := range r.scopes {
		names[i] = string(s)
	}
	switch scopes := strings.Join(names, " and "); {
	case len(names) > 0 && r.person:
		return "Scope: " + scopes + "; people see what their role may."
	case len(names) > 0:
		return "Scope: " + scopes + "."
	case r.person && r.token:
		return "For everybody with a token."
	}
	return "For people whom the platform has signed in."
}

// refusal says what a caller lacks.
func (r rule) refusal(p principal) error {
	if len(r.scopes) == 0 {
		if r.person || r.staff {
			return forbidden.problem("This is for people whom the platform has signed in; an API token is nobody's.")
		}
		return forbidden.problem("Nobody may do that.")
	}
	names := make([]string, len(r.scopes))
	for i, s := range r.scopes {
		names[i] = string(s)
	}
	has := strings.Join(p.scopes, ", ")
	if has == "" {
		has = "none"
	}
	return forbidden.problem("This needs a token with the scope %s; this one has %s.", strings.Join(names, " and "), has).
		with("WWW-Authenticate", `Bearer realm="laurel", error="insufficient_scope", scope="`+strings.Join(names, " ")+`"`)
}
