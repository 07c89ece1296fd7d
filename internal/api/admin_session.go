package api

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"laurel/internal/admin"
)

const (
	sessionCookie = "laurel_admin"
	sessionLife   = 8 * time.Hour
	sessionIdle   = time.Hour
	maxSessions   = 256
	maxForm       = 64 << 10 // bytes
)

// session is somebody who has signed in. What he may do is asked of his token anew with every request, so that a token
// that ends takes its sessions along. It lives in memory alone.
type session struct {
	header      string // Authorization
	csrf        string
	since, last time.Time
}

// sessions are those of one daemon, by digest of their cookies. It is safe for concurrent use.
type sessions struct {
	now func() time.Time
	mu  sync.Mutex
	all map[[32]byte]*session
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, all: map[[32]byte]*session{}}
}

func secretText() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// start begins a session and returns its cookie. Where there are too many, the one that was idle longest ends.
func (s *sessions) start(header string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, cookie := s.now(), secretText()
	var idle [32]byte
	for key, one := range s.all {
		if one.over(now) {
			delete(s.all, key)
		} else if oldest := s.all[idle]; oldest == nil || one.last.Before(oldest.last) {
			idle = key
		}
	}
	if len(s.all) >= maxSessions {
		delete(s.all, idle)
	}
	s.all[sha256.Sum256([]byte(cookie))] = &session{header: header, csrf: secretText(), since: now, last: now}
	return cookie
}

func (s *session) over(now time.Time) bool {
	return now.Sub(s.since) > sessionLife || now.Sub(s.last) > sessionIdle
}

// find returns a copy of the session that a request carries; nil for none.
func (s *sessions) find(r *http.Request) *session {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	key := sha256.Sum256([]byte(c.Value))
	s.mu.Lock()
	defer s.mu.Unlock()
	one, now := s.all[key], s.now()
	if one == nil {
		return nil
	}
	if one.over(now) {
		delete(s.all, key)
		return nil
	}
	one.last = now
	found := *one
	return &found
}

func (s *sessions) end(r *http.Request) {
	if c, err := r.Cookie(sessionCookie); err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.all, sha256.Sum256([]byte(c.Value)))
	}
}

// signedIn finds out who has signed in.
func (s *service) signedIn(r *http.Request) (principal, error) {
	one := s.sessions.find(r)
	if one == nil {
		return principal{}, unauthorized.problem("Nobody has signed in.")
	}
	p, err := s.identify(r, one.header)
	if err != nil {
		s.sessions.end(r)
	}
	return p, err
}

// checkedAs lets a form through that was sent from one of these pages: by the browser's own word, and by a token that only
// the page knows. It may have so many bytes.
func (s *service) checkedAs(h handler, most int64) handler {
	return func(w http.ResponseWriter, r *http.Request, p principal) error {
		if err := http.NewCrossOriginProtection().Check(r); err != nil {
			return forbidden.problem("This form was sent from another site.")
		}
		if err := readForm(w, r, most); err != nil {
			return err
		}
		one := s.sessions.find(r)
		if one == nil || subtle.ConstantTimeCompare([]byte(r.PostForm.Get("csrf")), []byte(one.csrf)) != 1 {
			return forbidden.problem("This form is not of this session. Open the page anew.")
		}
		return h(w, r, p)
	}
}

// readForm reads a form of at most so many bytes, all of it in memory; most of a file comes with one.
func readForm(w http.ResponseWriter, r *http.Request, most int64) error {
	r.Body = http.MaxBytesReader(w, r.Body, most)
	err := r.ParseMultipartForm(most)
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge.problem("At most %d bytes are taken.", most)
	}
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return malformed.problem("The form cannot be read.")
	}
	return nil
}

// overTLS reports whether the browser speaks TLS with us, or with a proxy that is trusted.
func (s *service) overTLS(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && s.trusts(at.Addr().Unmap()) && r.Header.Get("X-Forwarded-Proto") == "https"
}

func (s *service) cookie(r *http.Request, value string, life time.Duration) *http.Cookie {
	return &http.Cookie{Name: sessionCookie, Value: value, Path: admin.Base, MaxAge: int(life / time.Second), HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.overTLS(r)}
}

// askToSignIn leads to the form, and from there back to a page that was asked for.
func (s *service) askToSignIn(w http.ResponseWriter, r *http.Request) {
	to := admin.Base + "/login"
	if r.Method == http.MethodGet && r.URL.Path != admin.Base {
		to += "?to=" + url.QueryEscape(r.URL.Path)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// adminLogin answers GET /admin/login.
func (s *service) adminLogin(w http.ResponseWriter, r *http.Request, _ principal) error {
	s.rememberLanguage(w, r)
	v := s.view(r, principal{}, "")
	v.Body = struct{ To string }{r.URL.Query().Get("to")}
	return s.show(w, http.StatusOK, "login", v)
}

// adminSignIn answers POST /admin/login: a session for a token. Bad tokens count as they do everywhere.
func (s *service) adminSignIn(w http.ResponseWriter, r *http.Request, _ principal) error {
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return forbidden.problem("This form was sent from another site.")
	}
	if err := readForm(w, r, maxForm); err != nil {
		return err
	}
	asks := r.Clone(r.Context())
	asks.Header.Set("Authorization", "Bearer "+strings.TrimSpace(r.PostForm.Get("token")))
	p, err := s.bearer(asks)
	if err == nil && !p.may(anyStaff) {
		err = forbidden.problem("This token is no key to these pages.")
	}
	if err != nil {
		return s.notSignedIn(w, r, err)
	}
	s.sessions.end(r)
	http.SetCookie(w, s.cookie(r, s.sessions.start(asks.Header.Get("Authorization")), sessionLife))
	to := r.PostForm.Get("to")
	if !isAdmin(to) || strings.ContainsAny(to, "\\\r\n?#") {
		to = admin.Base
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// notSignedIn shows the form anew, with what is wrong.
func (s *service) notSignedIn(w http.ResponseWriter, r *http.Request, err error) error {
	p := asProblem(r, s.log, err)
	v := s.view(r, principal{}, "")
	zh := map[int]string{http.StatusUnauthorized: "这个令牌不对，或已失效。", http.StatusForbidden: "这个令牌不能用于管理页。", http.StatusTooManyRequests: "尝试次数过多，请稍后再试。"}[p.Status]
	en := map[int]string{http.StatusUnauthorized: "This token is not known, or no longer in force.", http.StatusForbidden: "This token does not open these pages.", http.StatusTooManyRequests: "There were too many attempts. Try again later."}[p.Status]
	if zh == "" {
		return err
	}
	for name, values := range p.header {
		if name != "Www-Authenticate" {
			w.Header()[name] = values
		}
	}
	v.Faults = []admin.Fault{{Field: "token", Name: v.T("令牌", "Token"), Message: v.T(zh, en)}}
	v.Body = struct{ To string }{r.PostForm.Get("to")}
	return s.show(w, p.Status, "login", v)
}

// adminSignOut answers POST /admin/logout.
func (s *service) adminSignOut(w http.ResponseWriter, r *http.Request, _ principal) error {
	s.sessions.end(r)
	http.SetCookie(w, s.cookie(r, "", -time.Second))
	http.Redirect(w, r, admin.Base+"/login?said=signed-out", http.StatusSeeOther)
	return nil
}
