package issuer

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
)

// numbers is a source of random bytes that gives the same ones each time. Not for concurrent use.
func numbers(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

// nearlyFull leaves free places in the status lists.
func (h *house) nearlyFull(free uint32) {
	h.t.Helper()
	db, err := record.OpenBolt(h.cfg.dbPath())
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	lists, err := db.Lists(context.Background())
	if err != nil || len(lists) != 1 {
		h.t.Fatal(lists, err)
	}
	lists[0].Next = credential.StatusListSize - free
	if err := db.Commit(context.Background(), record.Batch{Lists: lists}); err != nil {
		h.t.Fatal(err)
	}
}

func TestAFullPairOfStatusListsIsFollowedByTheNext(t *testing.T) {
	h := newHouse(t)
	h.nearlyFull(5)
	r := h.run(nil)
	const callers = 12
	var wg sync.WaitGroup
	var mu sync.Mutex
	places := map[string]credential.Number{}
	count := map[int]int{}
	for n := range callers {
		wg.Go(func() {
			call := by("", sample(n))
			call.Wait = n%2 == 0
			got, _, err := r.Issue(t.Context(), sample(n), call)
			if err != nil {
				t.Error(err)
				return
			}
			doc, err := r.Credential(t.Context(), got.Number)
			if err != nil {
				t.Error(err)
				return
			}
			c, err := credential.Decode(doc)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			list, index := c.StatusPlace()
			count[list]++
			place := fmt.Sprint(list, index)
			if other, taken := places[place]; taken {
				t.Errorf("%s and %s share the place %s", other, got.Number, place)
			}
			places[place] = got.Number
		})
	}
	wg.Wait()
	if count[0] != 5 || count[1] != callers-5 {
		t.Errorf("places in the lists: %v", count)
	}
	r.finish()
	for list := range 2 {
		for _, purpose := range []string{site.Revocation, site.Suspension} {
			path := site.StatusListPath(purpose, list)
			data, err := os.ReadFile(filepath.Join(h.cfg.PublicDir, path))
			if err != nil {
				t.Error(err)
				continue
			}
			l, err := credential.VerifyStatusList(data, r.ring.trusted())
			if err != nil || l.Purpose != purpose || l.URL != sampleBase+"/"+path {
				t.Errorf("%s: %+v, %v", path, l, err)
			}
		}
	}
	h.sound(callers)
}

func TestPlacesGoOnWhereTheyEndedBeforeLoading(t *testing.T) {
	h := newHouse(t)
	h.nearlyFull(3)
	seen := map[string]bool{}
	for n := range 4 { // the fourth opens the next pair
		r := h.run(nil)
		got := r.issue(sample(n), by("", sample(n)))
		rec, err := r.store.Get(t.Context(), got.Number)
		if err != nil {
			t.Fatal(err)
		}
		if want := n / 3; rec.StatusList != want {
			t.Errorf("certificate %d is in list %d", n, rec.StatusList)
		}
		place := fmt.Sprint(rec.StatusList, rec.StatusIndex)
		if seen[place] {
			t.Errorf("place %s was given out twice", place)
		}
		seen[place] = true
		r.finish()
	}
	h.sound(4)
}

func TestARefusedRequestLeavesNothingBehind(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	req := sample(1)
	req.Recipient.Name = "\U00012000" // a sign of cuneiform, which no font here has
	if _, _, err := r.Issue(t.Context(), req, by("key", req)); err == nil {
		t.Fatal("issued")
	}
	req.Recipient.Name = "样例 Sample"
	if got := r.issue(req, by("key", req)); got.LogIndex != 0 {
		t.Errorf("log index %d", got.LogIndex)
	}
	r.finish()
	h.sound(1)
}
