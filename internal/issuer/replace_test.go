package issuer

import (
	"context"
	"errors"
	"testing"
	"time"

	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
)

// renamed is a correction of the recipient's name.
func renamed(name string) Correction {
	return Correction{Apply: func(r *Request) error { r.Recipient.Name = name; return nil }, Reason: "姓名有误"}
}

// batches keeps what was committed.
type batches struct {
	store
	all []record.Batch
}

func (b *batches) Commit(ctx context.Context, batch record.Batch) error {
	b.all = append(b.all, batch)
	return b.store.Commit(ctx, batch)
}

func TestACorrectionAndTheRevocationOfWhatItReplacesAreOneCommit(t *testing.T) {
	h := newHouse(t)
	disk := &batches{}
	r := h.run(func(s store) store { disk.store = s; return disk })
	old := r.issue(sample(1), by("", sample(1)))
	h.clock.forward(time.Hour)
	before := len(disk.all)
	got, first, err := r.Replace(t.Context(), old.Number, renamed("样例 Corrected"), Call{Principal: "registrar", Reach: Reach{All: true}, Wait: true})
	if err != nil || !first || got.Replaces != old.Number || got.State != "published" || got.IssuedAt != old.IssuedAt {
		t.Fatalf("%+v, first %v, %v", got, first, err)
	}
	if len(disk.all) != before+1 {
		t.Fatalf("%d commits", len(disk.all)-before)
	}
	b := disk.all[before]
	if len(b.Issues) != 1 || len(b.Entries) != 1 || len(b.Changed) != 1 || b.Issues[0].Record.Number != got.Number || b.Changed[0].Number != old.Number {
		t.Errorf("committed together: %+v", b)
	}
	s, err := credential.VerifyStatements(h.published(site.StatusPath(old.Number)), r.ring.trusted())
	if err != nil || s.Last().Code != "superseded" || s.Last().Replacement != got.Number || s.Last().LogIndex != got.LogIndex+1 {
		t.Errorf("%+v, %v", s, err)
	}
	if revoked, _ := h.bits(r, old.Number); !revoked {
		t.Error("the old one is not revoked in the list")
	}
	if revoked, suspended := h.bits(r, got.Number); revoked || suspended {
		t.Error("the new one is not valid in the lists")
	}
	r.finish()
	h.sound(2)
}

func TestACorrectionKeepsThatACertificateNeverEnds(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	req := sample(1)
	old := r.issue(req, by("", req))
	got, _, err := r.Replace(t.Context(), old.Number, Correction{Apply: func(*Request) error { return nil }}, Call{Reach: Reach{All: true}})
	if err != nil || got.ExpiresAt != nil || old.ExpiresAt != nil {
		t.Errorf("%+v, %v", got, err)
	}
	refused := errors.New("not by you")
	if _, _, err := r.Replace(t.Context(), got.Number, Correction{Apply: func(*Request) error { return refused }}, Call{}); !errors.Is(err, refused) {
		t.Errorf("%v", err)
	}
	r.finish()
	h.sound(2)
}

// The page of the one that was replaced leads to the other: it is not written before that one stands there, also where
// hundreds wait between the two.
func TestNoPageLeadsToACertificateThatIsNotThereYet(t *testing.T) {
	h := newHouse(t)
	until := make(chan struct{})
	r := h.run(func(s store) store { return &unpublished{store: s, until: until} })
	old := r.issue(sample(0), by("", sample(0)))
	for n := range publishSize {
		r.issue(sample(n+1), by("", sample(n+1)))
	}
	got, _, err := r.Replace(t.Context(), old.Number, renamed("样例 Corrected"), Call{Reach: Reach{All: true}})
	if err != nil {
		t.Fatal(err)
	}
	records, err := r.store.(*unpublished).store.Pending(t.Context(), 0, publishSize)
	if err != nil || records[len(records)-1].Number == got.Number {
		t.Fatal(err)
	}
	ahead, err := r.successors(t.Context(), records)
	if err != nil || len(ahead) != 1 || ahead[0].Number != got.Number {
		t.Errorf("written first: %v, %v", ahead, err)
	}
	close(until)
	r.finish()
	h.sound(publishSize + 2)
}
