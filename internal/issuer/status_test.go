package issuer

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"laurel/certlog"
	"laurel/credential"
	"laurel/site"
)

// published reads a file of the public tree.
func (h *house) published(path string) []byte {
	h.t.Helper()
	data, err := os.ReadFile(filepath.Join(h.cfg.PublicDir, filepath.FromSlash(path)))
	if err != nil {
		h.t.Fatal(err)
	}
	return data
}

// bits are a certificate's bits in the published lists.
func (h *house) bits(r *running, n credential.Number) (revoked, suspended bool) {
	h.t.Helper()
	rec, err := r.store.Get(h.t.Context(), n)
	if err != nil {
		h.t.Fatal(err)
	}
	for purpose, to := range map[string]*bool{site.Revocation: &revoked, site.Suspension: &suspended} {
		l, err := credential.VerifyStatusList(h.published(site.StatusListPath(purpose, rec.StatusList)), r.ring.trusted())
		if err != nil {
			h.t.Fatal(err)
		}
		if *to, err = l.Get(rec.StatusIndex); err != nil {
			h.t.Fatal(err)
		}
	}
	return revoked, suspended
}

// set changes a status and waits until that is published.
func (r *running) set(n credential.Number, status, code string) *Receipt {
	r.t.Helper()
	got, changed, err := r.SetStatus(r.t.Context(), n, Status{Status: status, Code: code, Reason: "样例 sample reason"}, Call{Principal: "registrar", Wait: true})
	if err != nil || !changed || got.Status != status {
		r.t.Fatalf("%s: %+v, changed %v, %v", status, got, changed, err)
	}
	return got
}

func TestEveryChangeOfStatusIsStatedListedAndLogged(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	bystander, got := r.issue(sample(1), by("", sample(1))), r.issue(sample(2), by("", sample(2)))
	for i, c := range []struct {
		status, code string
		kind         uint8
	}{
		{"suspended", "review", certlog.Suspend}, {"valid", "cleared", certlog.Reinstate}, {"suspended", "", certlog.Suspend}, {"revoked", "misconduct", certlog.Revoke},
	} {
		h.clock.forward(time.Hour)
		r.set(got.Number, c.status, c.code)
		revoked, suspended := h.bits(r, got.Number)
		if revoked != (c.status == "revoked") || suspended != (c.status == "suspended") {
			t.Errorf("%s: the lists say revoked %v, suspended %v", c.status, revoked, suspended)
		}
		s, err := credential.VerifyStatements(h.published(site.StatusPath(got.Number)), r.ring.trusted())
		if err != nil || len(s.All) != i+1 {
			t.Fatalf("%s: %+v, %v", c.status, s, err)
		}
		last := s.Last()
		if last.Status != c.status || last.LogIndex != int64(2+i) || last.Time != h.clock.now().In(r.zone).Format(time.RFC3339) {
			t.Errorf("%s: the statement %+v", c.status, last)
		}
		for e, err := range r.store.Entries(t.Context(), last.LogIndex, last.LogIndex+1) {
			if err != nil || e.Kind != c.kind || e.Digest != last.Digest() || int(e.List) != last.List || e.Index != last.Index || e.Time != h.clock.now().UnixMilli() {
				t.Errorf("%s: the entry %+v, %v", c.status, e, err)
			}
		}
	}
	if revoked, suspended := h.bits(r, bystander.Number); revoked || suspended {
		t.Error("another certificate's status has changed too")
	}
	r.finish()
	h.sound(2)
}

func TestARevocationIsFinal(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	got := r.issue(sample(1), by("", sample(1)))
	r.set(got.Number, "revoked", "error")
	for _, status := range []string{"valid", "suspended", "revoked"} {
		_, _, err := r.SetStatus(t.Context(), got.Number, Status{Status: status}, Call{})
		if final, ok := errors.AsType[*FinalError](err); !ok || final.Code != "error" || final.Number != got.Number {
			t.Errorf("%s: %v", status, err)
		}
	}
	again := r.issue(sample(1), by("", sample(1)))
	if again.Number == got.Number {
		t.Error("the revoked certificate stands in the way of another")
	}
	r.finish()
	h.sound(2)
}

func TestAStatusThatStandsIsNotStatedAgain(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	got := r.issue(sample(1), by("", sample(1)))
	for _, status := range []string{"valid", "suspended", "suspended"} {
		if now, _, err := r.SetStatus(t.Context(), got.Number, Status{Status: status}, Call{}); err != nil || now.Status != status {
			t.Errorf("%s: %+v, %v", status, now, err)
		}
	}
	if head, err := r.store.Head(t.Context()); err != nil || head.Size != 2 {
		t.Errorf("the log has %d entries, %v", head.Size, err)
	}
	if now := r.issueAgain(sample(1)); now.Number != got.Number {
		t.Errorf("a suspended certificate was issued again, as %s", now.Number)
	}
	r.finish()
	h.sound(1)
}

func (r *running) issueAgain(req Request) *Receipt {
	r.t.Helper()
	got, first, err := r.Issue(r.t.Context(), req, by("", req))
	if err != nil || first {
		r.t.Fatalf("first %v, %v", first, err)
	}
	return got
}

func TestAStatusThatCannotBeGivenIsRefusedAndNothingIsWritten(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	got := r.issue(sample(1), by("", sample(1)))
	for name, s := range map[string]Status{
		"no status": {}, "another one": {Status: "expired"}, "a reason of nobody": {Status: "revoked", Code: "whim"},
		"a reason of the service": {Status: "revoked", Code: "superseded"}, "a reason of another status": {Status: "suspended", Code: "misconduct"},
		"a reason with a line break": {Status: "revoked", Reason: "a\nb"},
	} {
		if _, _, err := r.SetStatus(t.Context(), got.Number, s, Call{}); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := r.SetStatus(t.Context(), "7F3K-9QXM-2T8W-RB5H", Status{Status: "revoked"}, Call{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a number of nobody: %v", err)
	}
	if head, err := r.store.Head(t.Context()); err != nil || head.Size != 1 {
		t.Errorf("the log has %d entries, %v", head.Size, err)
	}
	r.finish()
	h.sound(1)
}

// What another room changes goes through the same door: here an entry about documents of the site alone.
func TestAnEntryAboutDocumentsAloneIsCommittedAndPublishedWithThem(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	r.issue(sample(1), by("", sample(1)))
	did := h.published(site.DIDPath)
	digest, err := credential.Digest(h.published(site.KeysPath))
	if err != nil {
		t.Fatal(err)
	}
	err = r.change(t.Context(), func(_ context.Context, d *draft) (refused, err error) {
		d.append(certlog.Entry{Kind: certlog.Key, List: certlog.NoList, Index: certlog.NoList, Digest: digest})
		d.putDocument(site.DIDPath, did)
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if second := r.issue(sample(2), by("", sample(2))); second.LogIndex != 2 {
		t.Errorf("the next certificate is entry %d", second.LogIndex)
	}
	r.finish()
	h.sound(2)
}
