package record

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

func TestWithoutAnEndpointNothingIsWrittenForOne(t *testing.T) {
	db, s := newOutbox(t)
	s.commit(db, 3)
	if err := db.AddEndpoint(t.Context(), sampleEndpoint); err != nil {
		t.Fatal(err)
	}
	if all, err := db.Deliveries(t.Context(), sampleEndpoint.ID, "", 10); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}

func TestOfEachCertificateTheFirstEventAloneIsDue(t *testing.T) {
	db, s := newOutbox(t)
	if err := db.AddEndpoint(t.Context(), sampleEndpoint); err != nil {
		t.Fatal(err)
	}
	all := s.commit(db, 2)
	for _, change := range [][2]string{{Suspended, "review"}, {Valid, "cleared"}, {Revoked, "error"}} {
		b := s.round()
		all[0] = s.state(&b, all[0], change[0], change[1])
		if err := db.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	var told []string
	for {
		due := s.delivered(db, 10)
		if len(due) == 0 {
			break
		}
		first := due[0].Event.Number
		for _, d := range due {
			if d.Event.Number == all[0].Number {
				told = append(told, d.Event.Type)
			}
		}
		if n := len(due); n > 2 || n == 2 && due[1].Event.Number == first {
			t.Fatalf("%d are due together: %v", n, due)
		}
		if err := db.Settle(t.Context(), due); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{EventIssued, EventSuspended, EventReinstated, EventRevoked}; !slices.Equal(told, want) {
		t.Errorf("%v, want %v", told, want)
	}
	if waiting, _, err := db.Backlog(t.Context()); err != nil || waiting != 0 {
		t.Errorf("%d wait still, %v", waiting, err)
	}
}

func TestWhatIsPublishedAnewAsItWasIsToldOnce(t *testing.T) {
	db, s := newOutbox(t)
	if err := db.AddEndpoint(t.Context(), sampleEndpoint); err != nil {
		t.Fatal(err)
	}
	all := s.commit(db, 1)
	published := func() (n int) {
		told, err := db.Deliveries(t.Context(), sampleEndpoint.ID, "", 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range told {
			if d.Event.Type == EventPublished {
				n++
			}
		}
		return n
	}
	for range 2 {
		if err := db.Done(t.Context(), all, nil); err != nil {
			t.Fatal(err)
		}
		if err := db.Renew(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := published(); n != 1 {
		t.Errorf("told %d times", n)
	}
	b := s.round()
	all[0] = s.state(&b, all[0], Suspended, "review")
	if err := db.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := db.Done(t.Context(), all, nil); err != nil {
		t.Fatal(err)
	}
	if n := published(); n != 2 {
		t.Errorf("once suspended, told %d times", n)
	}
}

func TestARemovedEndpointLeavesNothing(t *testing.T) {
	db, s := newOutbox(t)
	if err := db.AddEndpoint(t.Context(), sampleEndpoint); err != nil {
		t.Fatal(err)
	}
	s.commit(db, 5)
	due := s.delivered(db, 2)
	if err := db.Settle(t.Context(), due[:1]); err != nil {
		t.Fatal(err)
	}
	if err := db.RemoveEndpoint(t.Context(), sampleEndpoint.ID); err != nil {
		t.Fatal(err)
	}
	if err := db.Settle(t.Context(), due[1:]); err != nil {
		t.Errorf("a delivery that was under way: %v", err)
	}
	path := db.db.Path()
	for _, bucket := range outboxBuckets() {
		if n := rowsIn(t, db, bucket); n != 0 {
			t.Errorf("%s has %d rows", bucket, n)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if all := found(t, path); len(all) > 0 {
		t.Error(all)
	}
}

func TestAReplayComesBehindWhatWaits(t *testing.T) {
	db, s := newOutbox(t)
	if err := db.AddEndpoint(t.Context(), sampleEndpoint); err != nil {
		t.Fatal(err)
	}
	all := s.commit(db, 1)
	if err := db.Settle(t.Context(), s.delivered(db, 1)); err != nil {
		t.Fatal(err)
	}
	b := s.round()
	s.state(&b, all[0], Suspended, "review")
	if err := db.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if n, err := db.Replay(t.Context(), sampleEndpoint.ID, time.Now(), func(d Delivery) bool { return d.Event.Type == EventIssued }); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	for _, want := range []string{EventSuspended, EventIssued} {
		due := s.delivered(db, 10)
		if len(due) != 1 || due[0].Event.Type != want {
			t.Fatalf("%v is due, want %s", due, want)
		}
		if err := db.Settle(t.Context(), due); err != nil {
			t.Fatal(err)
		}
		s.now = time.Now()
	}
}

func newOutbox(t *testing.T) (*Bolt, *sampler) {
	t.Helper()
	db, err := CreateBolt(filepath.Join(t.TempDir(), "certd.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db, newSampler(t)
}

func rowsIn(t *testing.T, db *Bolt, bucket []byte) (n int) {
	t.Helper()
	if err := db.db.View(func(tx *bolt.Tx) error {
		n = tx.Bucket(bucket).Stats().KeyN
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return n
}
