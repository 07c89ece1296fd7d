// Package api is the HTTP face of the issuer: it finds out who asks and with what right, refuses requests
// that two programs could read differently, and is the only room that knows status codes. Every error
// leaves it as an RFC 9457 problem document.
package api

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"laurel/internal/admin"
	"laurel/internal/issuer"
	"laurel/internal/webhook"
)

// maxInFlight is how many requests are worked on at once; more are asked to come back.
const maxInFlight = 1024

// Config is what the API needs.
type Config struct {
	Issuer *issuer.Issuer
	Log    *slog.Logger
	Now    func() time.Time // for the expiry of tokens; nil is time.Now

	People  *People        // whose JWTs are taken; nil: nobody's
	Proxies []netip.Prefix // whose X-Forwarded-For is believed
	Limits  Limits

	Webhooks   webhook.Endpoints   // for the control socket
	Deliveries *webhook.Dispatcher // counted in the metrics; nil: none

	Meter       *Meter // counts requests, of several handlers together; nil: one of its own
	LogRequests bool   // a line for every request, not only for those that fail on this side
}

// Limits are how much one caller may ask for in a minute; 0 is without limit.
type Limits struct {
	Token    int // requests with one API token
	Person   int // requests of one person
	Verify   int // verifications from one address, without a token
	Failures int // bad tokens from one address
}

type service struct {
	issuer       *issuer.Issuer
	log          *slog.Logger
	now          func() time.Time
	access       map[string]rule
	people       *People
	proxies      []netip.Prefix
	failures     *quota
	tokens       *quota
	persons      *quota
	verifiers    *quota
	authenticate func(*http.Request) (principal, error)
	mux          *http.ServeMux
	mounted      map[string]map[string]func(http.ResponseWriter, *http.Request) // by pattern and last part of the path
	openapi      *huma.OpenAPI
	pages        *admin.Pages
	sessions     *sessions
	uploads      *uploads
	slots        chan struct{}
	endpoints    webhook.Endpoints
	dispatcher   *webhook.Dispatcher
	meter        *Meter
	logRequests  bool
}

// handler answers one request. The error, if any, is what the caller gets to read; nothing may have been
// written before it is returned.
type handler func(w http.ResponseWriter, r *http.Request, p principal) error

// operation is one row of the API: how it is described, and who answers.
type operation struct {
	huma.Operation
	handle handler
	who    func(*http.Request) (principal, error) // finds out who asks; nil: as the whole API does
	mount  string                                 // where it stands in the mux, ending in /{file}; "": at its path
}

// New returns the public API, which wants a token of its callers.
func New(c Config) http.Handler {
	s := newService(c)
	s.authenticate = s.bearer
	s.register(s.adminOperations())
	return s.handler()
}

// NewControl returns what the control socket serves: the public API with every right, and the routes of
// package control.
func NewControl(c Config) http.Handler {
	s := newService(c)
	s.authenticate = owner
	s.register(s.controlOperations())
	return s.handler()
}

func newService(c Config) *service {
	s := &service{issuer: c.Issuer, log: c.Log, now: c.Now, access: access(), mux: http.NewServeMux(), mounted: map[string]map[string]func(http.ResponseWriter, *http.Request){}, slots: make(chan struct{}, maxInFlight)}
	maps.Copy(s.access, operatorAccess())
	if s.now == nil {
		s.now = time.Now
	}
	s.people, s.proxies = c.People, c.Proxies
	s.endpoints, s.dispatcher = c.Webhooks, c.Deliveries
	if s.meter, s.logRequests = c.Meter, c.LogRequests; s.meter == nil {
		s.meter = NewMeter()
	}
	s.failures = newQuota("failures", c.Limits.Failures, time.Minute, s.now)
	s.tokens = newQuota("token", c.Limits.Token, time.Minute, s.now)
	s.persons = newQuota("person", c.Limits.Person, time.Minute, s.now)
	s.verifiers = newQuota("address", c.Limits.Verify, time.Minute, s.now)
	s.sessions, s.pages, s.uploads = newSessions(s.now), parsedPages(), &uploads{all: map[string]*upload{}}
	s.openapi = describeAPI()
	s.register(s.operations())
	s.register(s.platformOperations())
	s.register(s.documentation())
	return s
}

// register mounts operations and describes those that are not hidden.
func (s *service) register(ops []operation) {
	adapter := humago.NewAdapter(s.mux, "")
	for i := range ops {
		op := &ops[i]
		if !op.Hidden {
			s.openapi.AddOperation(&op.Operation)
		}
		pattern := op.Method + " " + op.Path
		if op.mount != "" {
			s.mount(op, pattern)
			continue
		}
		adapter.Handle(&op.Operation, func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			if err := s.answer(w, r, pattern, op); err != nil {
				s.refuse(w, r, err)
			}
		})
	}
}

// mount registers an operation whose path the mux would take for another's: /{id}/image and /user/{id} both match
// /user/image, and neither is the narrower one. So the last part of the path is a variable, and a table decides.
func (s *service) mount(op *operation, pattern string) {
	at := op.Method + " " + op.mount
	files, known := s.mounted[at]
	if !known {
		files = map[string]func(http.ResponseWriter, *http.Request){}
		s.mounted[at] = files
		s.mux.HandleFunc(at, func(w http.ResponseWriter, r *http.Request) {
			if answer, ok := files[r.PathValue("file")]; ok {
				answer(w, r)
				return
			}
			s.unrouted(w, r)
		})
	}
	files[path.Base(op.Path)] = func(w http.ResponseWriter, r *http.Request) {
		if err := s.answer(w, r, pattern, op); err != nil {
			s.refuse(w, r, err)
		}
	}
}

// refuse answers with err, in the form that callers of the address expect.
func (s *service) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if strings.HasPrefix(r.URL.Path, platformBase) {
		s.writeRefusal(w, r, err)
		return
	}
	if isAdmin(r.URL.Path) {
		s.refuseAdmin(w, r, err)
		return
	}
	writeProblem(w, r, s.log, err)
}

func (s *service) answer(w http.ResponseWriter, r *http.Request, pattern string, op *operation) error {
	p, err := s.admit(r, pattern, op.who)
	if err == nil {
		err = s.ration(w, p)
	}
	if err != nil {
		return err
	}
	return op.handle(w, r, p)
}

// ration counts a request against its caller's quota.
func (s *service) ration(w http.ResponseWriter, p principal) error {
	switch p.kind {
	case ofToken:
		return s.tokens.admit(w.Header(), p.id)
	case ofPerson:
		return s.persons.admit(w.Header(), p.id)
	}
	return nil
}

// handler wraps the routes in what holds for all of them.
func (s *service) handler() http.Handler {
	s.mux.HandleFunc("/", s.unrouted)
	return s.observed(func(w http.ResponseWriter, r *http.Request) {
		defer s.recovered(w, r)
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
		default:
			s.refuse(w, r, unavailable.problem("%d requests are being worked on already.", maxInFlight).with("Retry-After", "1"))
			return
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		s.mux.ServeHTTP(w, r)
	})
}

// recovered turns a panic into a problem document. If the answer had begun, the connection is cut instead,
// so that half an answer is not taken for a whole one.
func (s *service) recovered(w http.ResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		panic(v)
	}
	s.log.Error("panic", "request", requestID(r), "route", route(r), "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	if w.Header().Get("Content-Type") != "" {
		panic(http.ErrAbortHandler)
	}
	s.refuse(w, r, internal.problem("Something went wrong on this side. The log of certd names the cause."))
}

// unrouted answers what no route takes: 405 where the address exists for another method, else 404.
func (s *service) unrouted(w http.ResponseWriter, r *http.Request) {
	var allow []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(context.Background())
		other.Method = method
		if _, pattern := s.mux.Handler(other); strings.HasPrefix(pattern, method+" ") || method == http.MethodHead && strings.HasPrefix(pattern, "GET ") {
			allow = append(allow, method)
		}
	}
	if len(allow) > 0 && !slices.Contains(allow, r.Method) {
		methods := strings.Join(allow, ", ")
		s.refuse(w, r, notAllowed.problem("%s is not possible here. This address takes %s.", cut(r.Method), methods).with("Allow", methods))
		return
	}
	s.refuse(w, r, notFound.problem("There is nothing at %s. /docs describes what there is.", cut(r.URL.Path)))
}

// reply answers with one JSON document.
func reply(w http.ResponseWriter, status int, v any) error {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = encode(w, v) // a caller who has gone cannot be told
	return nil
}

// unhurried lifts the server's deadlines from a request that waits or streams: one that passes while the
// handler works would end it.
func unhurried(w http.ResponseWriter) {
	c := http.NewResponseController(w)
	_, _ = c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Time{})
}
