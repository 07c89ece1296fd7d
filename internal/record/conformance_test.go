package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"laurel/certlog"
	"laurel/credential"
)

// reopener opens the same store again, as after an end of the program; a store in memory would return itself.
type reopener func() Store

// What every Store must do, whatever it stands on. open makes an empty one.
func conform(t *testing.T, open func(t *testing.T) (Store, reopener)) {
	for _, c := range []struct {
		name  string
		check func(t *testing.T, store Store, again reopener)
	}{
		{"an empty store has an empty log and finds nothing", emptyStore},
		{"what was committed is there after opening again", committedStays},
		{"a batch for another head is refused and writes nothing", staleBatch},
		{"a batch that fails in the middle writes nothing", halfBatch},
		{"the newest record stands for its natural key", newestNatural},
		{"records are found by every filter, newest first", findByFilter},
		{"pages are cut from the list and all are counted", findPages},
		{"a list goes on behind a record, and says whether it does", findGoesOnBehindARecord},
		{"a record is found by its place in the log", recordsByTheirIndex},
		{"entries come in the order of the log", entriesInOrder},
		{"certificates come in the order of the log, with their documents", certificatesInOrder},
		{"pending records come oldest first until they are done", pendingOrder},
		{"done is done once", doneTwice},
		{"a document replaced while it was being published is pending", replacedDocument},
		{"old request keys go, and a key used again after its time stays", forgottenRequests},
		{"a change is written over the record, with its entry, and pending again", changedRecord},
		{"an entry that belongs to no record goes with the documents it is about", entryOfDocuments},
		{"a change made on an older state is refused and writes nothing", staleChange},
		{"what is changed while it is being published stays pending", changedMeanwhile},
		{"what was erased is found by its number alone, and its request may be made anew", erasedRecord},
		{"an erased record gives its natural key back to the one before it", erasedNewest},
		{"readers see whole commits only", wholeCommits},
		{"checkpoints are kept in the order of their sizes", keptCheckpoints},
	} {
		t.Run(c.name, func(t *testing.T) {
			store, again := open(t)
			c.check(t, store, again)
		})
	}
}

func TestBoltIsAStore(t *testing.T) {
	conform(t, func(t *testing.T) (Store, reopener) {
		path := filepath.Join(t.TempDir(), "certd.db")
		db, err := CreateBolt(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db, func() Store {
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			if db, err = OpenBolt(path); err != nil {
				t.Fatal(err)
			}
			return db
		}
	})
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// same reports whether two records say the same; times are compared as times.
func same(a, b *Record) bool {
	x, y := *a, *b
	ok := x.IssuedAt.Equal(y.IssuedAt) && x.ExpiresAt.Equal(y.ExpiresAt) && x.Recorded.Equal(y.Recorded) && bytes.Equal(x.Document, y.Document)
	for _, r := range []*Record{&x, &y} {
		r.IssuedAt, r.ExpiresAt, r.Recorded, r.Document = time.Time{}, time.Time{}, time.Time{}, nil
	}
	return ok && fmt.Sprintf("%+v", x) == fmt.Sprintf("%+v", y)
}

func emptyStore(t *testing.T, store Store, _ reopener) {
	ctx := t.Context()
	var none certlog.Tree
	if head := must[certlog.Head](t)(store.Head(ctx)); !head.Same(none.Head()) {
		t.Errorf("head %v", head)
	}
	if page := must[Page](t)(store.Find(ctx, Filter{Limit: 10})); page.Total != 0 || len(page.Records) != 0 {
		t.Errorf("found %v", page)
	}
	if got := must[[]*Record](t)(store.Pending(ctx, 0, 10)); len(got) != 0 || store.PendingCount() != 0 {
		t.Errorf("pending %v", got)
	}
	if _, err := store.Get(ctx, "7F3K-9QXM-2T8W-RB5H"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Get: %v", err)
	}
	if _, err := store.Natural(ctx, NaturalKey{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("Natural: %v", err)
	}
	if _, err := store.Request(ctx, RequestKey{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("Request: %v", err)
	}
	if has := must[bool](t)(store.Has(ctx, "7F3K-9QXM-2T8W-RB5H")); has {
		t.Error("it has a number that was never given out")
	}
}

func committedStays(t *testing.T, store Store, again reopener) {
	ctx := t.Context()
	s := newSampler(t)
	i := s.issue(func(r *Record) {
		r.ExpiresAt, r.Occasion, r.Recipient.Email = s.now.AddDate(1, 0, 0), "2026-spring", "sample@example.org"
	})
	s.request(&i, "key", s.now)
	b := s.round(i, s.issue(nil))
	b.Documents = []Document{{Path: "site.json", Data: []byte("settings")}}
	if err := store.Commit(ctx, b); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got := must[*Record](t)(store.Get(ctx, i.Record.Number))
		if !same(got, i.Record) {
			t.Errorf("got  %+v\nwant %+v", got, i.Record)
		}
		if got := must[*Record](t)(store.Natural(ctx, i.Natural)); got.Number != i.Record.Number {
			t.Errorf("by natural key: %s", got.Number)
		}
		if q := must[Request](t)(store.Request(ctx, i.Request.Key)); q.Number != i.Record.Number || q.Body != i.Request.Body || !q.Time.Equal(i.Request.Time) {
			t.Errorf("by request: %+v", q)
		}
		if !must[bool](t)(store.Has(ctx, i.Record.Number)) {
			t.Error("the number is not taken")
		}
		if head := must[certlog.Head](t)(store.Head(ctx)); !head.Same(s.tree.Head()) {
			t.Errorf("head %v, want %v", head, s.tree.Head())
		}
		if lists := must[[]List](t)(store.Lists(ctx)); !slices.Equal(lists, b.Lists) {
			t.Errorf("lists %v, want %v", lists, b.Lists)
		}
		for d, err := range store.Documents(ctx) {
			if err != nil || d.Path != "site.json" || string(d.Data) != "settings" {
				t.Errorf("document %q, %v", d, err)
			}
		}
		if n := store.PendingCount(); n != 2 {
			t.Errorf("%d pending", n)
		}
		store = again()
	}
}

func staleBatch(t *testing.T, store Store, _ reopener) {
	ctx := t.Context()
	s := newSampler(t)
	s.commit(store, 3)
	stale := s.round(s.issue(nil))
	fresh := *s // another writer, who was faster
	fresh.tree = certlogTree(t, store)
	fresh.commit(store, 1)
	before := must[certlog.Head](t)(store.Head(ctx))
	if err := store.Commit(ctx, stale); !errors.Is(err, ErrConflict) {
		t.Fatalf("a batch for another head: %v", err)
	}
	if after := must[certlog.Head](t)(store.Head(ctx)); !after.Same(before) {
		t.Error("the head has moved")
	}
	if must[bool](t)(store.Has(ctx, stale.Issues[0].Record.Number)) {
		t.Error("its certificate was recorded")
	}
}

func certlogTree(t *testing.T, store Store) *certlog.Tree {
	t.Helper()
	return must[*certlog.Tree](t)(store.Tree(t.Context()))
}

func halfBatch(t *testing.T, store Store, again reopener) {
	ctx := t.Context()
	s := newSampler(t)
	old := s.commit(store, 2)
	first, second := s.issue(nil), s.issue(nil)
	s.request(&first, "key", s.now)
	second.Record.Number = old[0].Number
	b := s.round(first, second)
	b.Documents = []Document{{Path: "site.json", Data: []byte("new")}}
	if err := store.Commit(ctx, b); err == nil {
		t.Fatal("a number was given out twice")
	}
	for range 2 {
		if n := certlogTree(t, store).Size(); n != 2 {
			t.Errorf("the log has %d entries", n)
		}
		if must[bool](t)(store.Has(ctx, first.Record.Number)) {
			t.Error("the first of the batch was recorded")
		}
		if _, err := store.Request(ctx, first.Request.Key); !errors.Is(err, ErrNotFound) {
			t.Errorf("its key was remembered: %v", err)
		}
		if docs := must[[]Document](t)(store.PendingDocuments(ctx)); len(docs) != 0 {
			t.Errorf("its documents were recorded: %v", docs)
		}
		if n := store.PendingCount(); n != 2 {
			t.Errorf("%d pending", n)
		}
		if page := must[Page](t)(store.Find(ctx, Filter{Limit: 10})); page.Total != 2 {
			t.Errorf("%d found", page.Total)
		}
		store = again()
	}
}

func newestNatural(t *testing.T, store Store, _ reopener) {
	ctx := t.Context()
	s := newSampler(t)
	to := func(id string) func(*Record) { return func(r *Record) { r.Recipient.ID = id } }
	a, b, other := s.issue(to("sample")), s.issue(to("sample")), s.issue(to("another"))
	for _, i := range []Issue{a, b, other} {
		if err := store.Commit(ctx, s.round(i)); err != nil {
			t.Fatal(err)
		}
	}
	if a.Natural != b.Natural || a.Natural == other.Natural {
		t.Fatal("the natural keys do not tell recipients apart")
	}
	if got := must[*Record](t)(store.Natural(ctx, a.Natural)); got.Number != b.Record.Number || len(got.Document) == 0 {
		t.Errorf("got %s, want %s with its document", got.Number, b.Record.Number)
	}
}

func numbers(records []*Record) (all []credential.Number) {
	for _, r := range records {
		all = append(all, r.Number)
	}
	return all
}

func findByFilter(t *testing.T, store Store, _ reopener) {
	ctx := t.Context()
	s := newSampler(t)
	var all []*Record
	for i := range 12 {
		issue := s.issue(func(r *Record) {
			r.Recipient.ID = []string{"a", "ab", "b"}[i%3]
			r.Type = []string{"course", "exam"}[i%2]
			r.Template = []string{"course", "course-2", "exam", "exam"}[i%4]
			r.Organisation = []string{"acme", "", "acme2", "acme", "acme"}[i%5]
			if i < 4 {
				r.ExpiresAt = s.now.AddDate(0, 0, 1)
			}
		})
		if err := store.Commit(ctx, s.round(issue)); err != nil {
			t.Fatal(err)
		}
		all = append([]*Record{issue.Record}, all...)
	}
	later := s.now.AddDate(1, 0, 0)
	for name, c := range map[string]struct {
		filter Filter
		takes  func(r *Record) bool
	}{
		"all":                        {Filter{}, func(*Record) bool { return true }},
		"a recipient":                {Filter{Recipient: "a"}, func(r *Record) bool { return r.Recipient.ID == "a" }},
		"a longer recipient":         {Filter{Recipient: "ab"}, func(r *Record) bool { return r.Recipient.ID == "ab" }},
		"nobody":                     {Filter{Recipient: "c"}, func(*Record) bool { return false }},
		"a type":                     {Filter{Type: "exam"}, func(r *Record) bool { return r.Type == "exam" }},
		"a template":                 {Filter{Template: "course"}, func(r *Record) bool { return r.Template == "course" }},
		"a recipient's type":         {Filter{Recipient: "b", Type: "exam"}, func(r *Record) bool { return r.Recipient.ID == "b" && r.Type == "exam" }},
		"a template of another type": {Filter{Template: "course", Type: "exam"}, func(*Record) bool { return false }},
		"the valid":                  {Filter{Status: Valid, Now: later}, func(r *Record) bool { return r.ExpiresAt.IsZero() }},
		"the expired":                {Filter{Status: Expired, Now: later}, func(r *Record) bool { return !r.ExpiresAt.IsZero() }},
		"the expired of a recipient": {Filter{Status: Expired, Recipient: "a", Now: later}, func(r *Record) bool { return !r.ExpiresAt.IsZero() && r.Recipient.ID == "a" }},
		"the valid, in time":         {Filter{Status: Valid, Now: s.now}, func(*Record) bool { return true }},
		"an organisation":            {Filter{Organisation: "acme"}, func(r *Record) bool { return r.Organisation == "acme" }},
		"an organisation's exams":    {Filter{Organisation: "acme", Type: "exam"}, func(r *Record) bool { return r.Organisation == "acme" && r.Type == "exam" }},
		"a recipient in one":         {Filter{Organisation: "acme", Recipient: "a"}, func(r *Record) bool { return r.Organisation == "acme" && r.Recipient.ID == "a" }},
		"no such organisation":       {Filter{Organisation: "acm"}, func(*Record) bool { return false }},
	} {
		var want []*Record
		for _, r := range all {
			if c.takes(r) {
				want = append(want, r)
			}
		}
		c.filter.Limit = 100
		got := must[Page](t)(store.Find(ctx, c.filter))
		if !slices.Equal(numbers(got.Records), numbers(want)) || got.Total != len(want) {
			t.Errorf("%s: got %v, %d in all; want %v", name, numbers(got.Records), got.Total, numbers(want))
		}
	}
}

func findPages(t *testing.T, store Store, _ reopener) {
	s := newSampler(t)
	all := s.commit(store, 10)
	slices.Reverse(all)
	for _, filter := range []Filter{{}, {Type: "course"}, {Status: Valid, Now: s.now}} {
		for offset := range 12 {
			for _, limit := range []int{1, 3, 100} {
				filter.Offset, filter.Limit = offset, limit
				want := all[min(offset, 10):min(offset+limit, 10)]
				got := must[Page](t)(store.Find(t.Context(), filter))
				if !slices.Equal(numbers(got.Records), numbers(want)) || got.Total != 10 {
					t.Errorf("%+v: %v of %d, want %v of 10", filter, numbers(got.Records), got.Total, numbers(want))
				}
			}
		}
	}
}

func findGoesOnBehindARecord(t *testing.T, store Store, _ reopener) {
	s := newSampler(t)
	all := s.commit(store, 10)
	slices.Reverse(all)
	for _, filter := range []Filter{{}, {Type: "course"}, {Status: Valid, Now: s.now}, {Type: "course", Status: Valid, Now: s.now}} {
		for _, limit := range []int{1, 3, 5, 10, 100} {
			filter.Limit, filter.Before = limit, nil
			var seen []*Record
			for {
				page := must[Page](t)(store.Find(t.Context(), filter))
				seen = append(seen, page.Records...)
				if (filter.Before == nil) != (page.Total == 10) {
					t.Errorf("%+v: a total of %d", filter, page.Total)
				}
				if !page.More {
					break
				}
				if len(page.Records) != limit {
					t.Fatalf("%+v: %d records, and more behind them", filter, len(page.Records))
				}
				filter.Before = &page.Records[limit-1].LogIndex
			}
			if !slices.Equal(numbers(seen), numbers(all)) {
				t.Errorf("%+v: %v, want %v", filter, numbers(seen), numbers(all))
			}
		}
	}
	for _, before := range []int64{0, -1} {
		if page := must[Page](t)(store.Find(t.Context(), Filter{Limit: 1, Before: &before})); len(page.Records) > 0 || page.More {
			t.Errorf("before %d: %d records", before, len(page.Records))
		}
	}
}

func recordsByTheirIndex(t *testing.T, store Store, _ reopener) {
	s := newSampler(t)
	for _, want := range s.commit(store, 3) {
		got, err := store.At(t.Context(), want.LogIndex)
		if err != nil || got.Number != want.Number || len(got.Document) == 0 {
			t.Errorf("at %d: %+v, %v", want.LogIndex, got, err)
		}
	}
	for _, index := range []int64{-1, 3, 1 << 62} {
		if _, err := store.At(t.Context(), index); !errors.Is(err, ErrNotFound) {
			t.Errorf("at %d: %v", index, err)
		}
	}
}

func keptCheckpoints(t *testing.T, store Store, again reopener) {
	ctx := t.Context()
	s := newSampler(t)
	if _, err := store.LastCheckpoint(ctx); !errors.Is(err, ErrNotFound) {
		t.Errorf("of an empty store: %v", err)
	}
	s.commit(store, 7)
	for _, size := range []int64{0, 3, 7} {
		if err := store.PutCheckpoint(ctx, size, fmt.Appendf(nil, "at %d", size)); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.PutCheckpoint(ctx, 8, nil); err == nil {
		t.Error("one beyond the log was kept")
	}
	if err := store.PutCheckpoint(ctx, 5, nil); err == nil {
		t.Error("one before the last was kept")
	}
	if err := store.PutCheckpoint(ctx, 7, []byte("another")); err != nil {
		t.Error(err)
	}
	store = again()
	for index, want := range map[int64]string{0: "at 3", 2: "at 3", 3: "at 7", 6: "at 7"} {
		if got, err := store.Checkpoint(ctx, index); err != nil || string(got) != want {
			t.Errorf("above %d: %q, %v", index, got, err)
		}
	}
	if _, err := store.Checkpoint(ctx, 7); !errors.Is(err, ErrNotFound) {
		t.Errorf("above the last: %v", err)
	}
	if got, err := store.LastCheckpoint(ctx); err != nil || string(got) != "at 7" {
		t.Errorf("the last: %q, %v", got, err)
	}
}

func entriesInOrder(t *testing.T, store Store, _ reopener) {
	s := newSampler(t)
	s.commit(store, 7)
	var tree certlog.Tree
	for e, err := range store.Entries(t.Context(), 0, 7) {
		if err != nil {
			t.Fatal(err)
		}
		tree.Append(e)
	}
	if !tree.Head().Same(s.tree.Head()) {
		t.Error("the entries do not make the head")
	}
	n := 0
	for range store.Entries(t.Context(), 2, 5) {
		n++
	}
	if n != 3 {
		t.Errorf("%d entries from 2 to 5", n)
	}
	for _, err := range store.Entries(t.Context(), 7, 8) {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("behind the end: %v", err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range store.Entries(ended, 0, 7) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("after the end of the context: %v", err)
		}
	}
}

func certificatesInOrder(t *testing.T, store Store, _ reopener) {
	s := newSampler(t)
	all := s.commit(store, 9)
	var got []*Record
	for r, err := range store.Certificates(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if want := all[len(got)]; !same(r, want) {
			t.Errorf("got %+v, want %+v", r, want)
		}
		if got = append(got, r); len(got) == len(all) {
			continue
		}
	}
	if len(got) != len(all) {
		t.Errorf("%d of %d", len(got), len(all))
	}
}

func pendingOrder(t *testing.T, store Store, again reopener) {
	ctx := t.Context()
	s := newSampler(t)
	all := s.commit(store, 7)
	got := must[[]*Record](t)(store.Pending(ctx, 0, 3))
	if !slices.Equal(numbers(got), numbers(all[:3])) || len(got[0].Document) == 0 || got[0].Published {
		t.Errorf("the oldest three: %v", numbers(got))
	}
	if got := must[[]*Record](t)(store.Pending(ctx, all[2].LogIndex, 2)); !slices.Equal(numbers(got), numbers(all[2:4])) {
		t.Errorf("two from the third on: %v", numbers(got))
	}
	if err := store.Done(ctx, all[1:3], nil); err != nil { // out of order, as for callers who wait
		t.Fatal(err)
	}
	for range 2 {
		left := append([]*Record{all[0]}, all[3:]...)
		if got := must[[]*Record](t)(store.Pending(ctx, 0, 100)); !slices.Equal(numbers(got), numbers(left)) {
			t.Errorf("left: %v, want %v", numbers(got), numbers(left))
		}
		if n := store.PendingCount(); n != len(left) {
			t.Errorf("%d pending, want %d", n, len(left))
		}
		if r := must[*Record](t)(store.Get(ctx, all[1].Number)); !r.Published {
			t.Error("what is done is not published")
		}
		store = again()
	}
}

func doneTwice(t *testing.T, store Store, _ reopener) {
	ctx := t.Context()
	s := newSampler(t)
	all := s.commit(store, 4)
	for range 2 {
		if err := store.Done(ctx, all[:2], nil); err != nil {
			t.Fatal(err)
		}
		if n := store.PendingCount(); n != 2 {
			t.Errorf("%d pending", n)
		}
	}
}

func replacedDocument(t *testing.T, store Store, _ reopener) {
	ctx := t.Context()
	put := func(text string) {
		if err := store.Commit(ctx, Batch{Documents: []Document{{Path: "site.json", Data: []byte(text)}}}); err != nil {
			t.Fatal(err)
		}
	}
	put("first")
	first := must[[]Document](t)(store.PendingDocuments(ctx))
	put("second")
	if err := store.Done(ctx, nil, first); err != nil {
		t.Fatal(err)
	}
	second := must[[]Document](t)(store.PendingDocuments(ctx))
	if len(second) != 1 || string(second[0].Data) != "second" {
		t.Fatalf("pending: %q", second)
	}
	if err := store.Done(ctx, nil, second); err != nil {
		t.Fatal(err)
	}
	if left := must[[]Document](t)(store.PendingDocuments(ctx)); len(left) != 0 {
		t.Errorf("pending: %q", left)
	}
}

func forgottenRequests(t *testing.T, store Store, _ reopener) {
	ctx := t.Context()
	s := newSampler(t)
	start := s.now
	old, again := s.issue(nil), s.issue(nil)
	s.request(&old, "old", start)
	s.request(&again, "again", start)
	if err := store.Commit(ctx, s.round(old, again)); err != nil {
		t.Fatal(err)
	}
	later := start.AddDate(0, 0, 8)
	used := s.issue(nil)
	s.request(&used, "again", later)
	b := s.round(used)
	b.Forget = later.AddDate(0, 0, -7)
	if err := store.Commit(ctx, b); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Request(ctx, old.Request.Key); !errors.Is(err, ErrNotFound) {
		t.Errorf("an old key is remembered: %v", err)
	}
	if q := must[Request](t)(store.Request(ctx, used.Request.Key)); q.Number != used.Record.Number {
		t.Errorf("the key stands for %s, want %s", q.Number, used.Record.Number)
	}
}

func wholeCommits(t *testing.T, store Store, _ reopener) {
	ctx := t.Context()
	s := newSampler(t)
	var batches []Batch
	for range 30 {
		batches = append(batches, s.round(s.issue(nil), s.issue(nil)))
	}
	done := make(chan error, 1)
	go func() {
		for _, b := range batches {
			if err := store.Commit(ctx, b); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for open := true; open; {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			open = false
		default:
		}
		page := must[Page](t)(store.Find(ctx, Filter{Limit: 100}))
		if page.Total%2 != 0 || len(page.Records) != page.Total {
			t.Fatalf("half a round: %d of %d", len(page.Records), page.Total)
		}
	}
}

func changedRecord(t *testing.T, store Store, again reopener) {
	ctx := t.Context()
	s := newSampler(t)
	all := s.commit(store, 3)
	if err := store.Done(ctx, all, nil); err != nil {
		t.Fatal(err)
	}
	b := s.round()
	want := s.state(&b, all[1], Suspended, "review")
	if err := store.Commit(ctx, b); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got := must[*Record](t)(store.Get(ctx, want.Number))
		if got.Status != Suspended || got.Last().Reason == "" || !bytes.Equal(got.Statements, want.Statements) || !bytes.Equal(got.Document, all[1].Document) || got.Published {
			t.Errorf("got %+v", got)
		}
		if got := must[[]*Record](t)(store.Pending(ctx, 0, 9)); !slices.Equal(numbers(got), numbers(all[1:2])) || store.PendingCount() != 1 || len(got[0].Statements) == 0 {
			t.Errorf("pending %v, counted %d", numbers(got), store.PendingCount())
		}
		if page := must[Page](t)(store.Find(ctx, Filter{Status: Suspended, Limit: 9})); page.Total != 1 {
			t.Errorf("%d are found as suspended", page.Total)
		}
		var tree certlog.Tree
		for e, err := range store.Entries(ctx, 0, 4) {
			if err != nil {
				t.Fatal(err)
			}
			tree.Append(e)
		}
		if head := must[certlog.Head](t)(store.Head(ctx)); head.Size != 4 || !head.Same(tree.Head()) {
			t.Errorf("the head of %d entries is another", head.Size)
		}
		store = again()
	}
}

func entryOfDocuments(t *testing.T, store Store, again reopener) {
	ctx := t.Context()
	s := newSampler(t)
	s.commit(store, 2)
	b := s.round()
	e := certlog.Entry{Kind: certlog.Key, Time: s.now.UnixMilli(), List: certlog.NoList, Index: certlog.NoList, Digest: [32]byte{1}}
	b.Entries = []Entry{{Index: b.Tree.Append(e), Entry: e}}
	b.Documents = []Document{{Path: "keys.json", Data: []byte("new")}}
	if err := store.Commit(ctx, b); err != nil {
		t.Fatal(err)
	}
	more := s.commit(store, 1)
	store = again()
	for got, err := range store.Entries(ctx, 2, 3) {
		if err != nil || got != e {
			t.Errorf("entry 2: %+v, %v", got, err)
		}
	}
	if doc, err := store.Document(ctx, "keys.json"); err != nil || string(doc) != "new" {
		t.Errorf("the document: %q, %v", doc, err)
	}
	if _, err := store.Document(ctx, "other.json"); !errors.Is(err, ErrNotFound) {
		t.Errorf("another document: %v", err)
	}
	if r := must[*Record](t)(store.Get(ctx, more[0].Number)); r.LogIndex != 3 {
		t.Errorf("the next certificate is entry %d", r.LogIndex)
	}
	n := 0
	for _, err := range store.Certificates(ctx) {
		if n++; err != nil {
			t.Error(err)
		}
	}
	if n != 3 {
		t.Errorf("%d certificates", n)
	}
}

func staleChange(t *testing.T, store Store, _ reopener) {
	ctx := t.Context()
	s := newSampler(t)
	r := s.commit(store, 1)[0]
	first := s.round()
	s.state(&first, r, Suspended, "review")
	if err := store.Commit(ctx, first); err != nil {
		t.Fatal(err)
	}
	tree := s.tree.Clone()
	b := s.round()
	s.state(&b, r, Revoked, "error")
	if err := store.Commit(ctx, b); err == nil {
		t.Error("it was written")
	}
	if got := must[*Record](t)(store.Get(ctx, r.Number)); got.Status != Suspended {
		t.Errorf("the status is %s", got.Status)
	}
	if head := must[certlog.Head](t)(store.Head(ctx)); !head.Same(tree.Head()) {
		t.Error("the log has grown")
	}
}

func changedMeanwhile(t *testing.T, store Store, _ reopener) {
	ctx := t.Context()
	s := newSampler(t)
	s.commit(store, 2)
	read := must[[]*Record](t)(store.Pending(ctx, 0, 1))
	b := s.round()
	now := s.state(&b, read[0], Revoked, "error")
	if err := store.Commit(ctx, b); err != nil {
		t.Fatal(err)
	}
	for name, records := range map[string][]*Record{"the older state": read, "both, the older last": {now, read[0]}} {
		if err := store.Done(ctx, records, nil); err != nil {
			t.Fatal(err)
		}
		if got := must[[]*Record](t)(store.Pending(ctx, 0, 1)); len(got) != 1 || got[0].Revision != 1 || store.PendingCount() != 2 {
			t.Errorf("%s is done: pending %+v, counted %d", name, got, store.PendingCount())
		}
	}
	if err := store.Done(ctx, []*Record{now}, nil); err != nil {
		t.Fatal(err)
	}
	if r := must[*Record](t)(store.Get(ctx, now.Number)); !r.Published || store.PendingCount() != 1 {
		t.Error("the newer state is done and still pending")
	}
}

func erasedRecord(t *testing.T, store Store, again reopener) {
	ctx := t.Context()
	s := newSampler(t)
	i := s.issue(nil)
	s.request(&i, "key", s.now)
	if err := store.Commit(ctx, s.round(s.issue(nil), i, s.issue(nil))); err != nil {
		t.Fatal(err)
	}
	b := s.round()
	gone := s.state(&b, i.Record, Revoked, credential.CodeErased)
	if err := store.Commit(ctx, b); err != nil {
		t.Fatal(err)
	}
	store = again()
	got := must[*Record](t)(store.Get(ctx, gone.Number))
	if !got.Erased || len(got.Document) != 0 || len(got.Statements) == 0 || got.Recipient != (Person{}) {
		t.Errorf("got %+v", got)
	}
	for name, f := range map[string]Filter{
		"all": {}, "the recipient's": {Recipient: i.Record.Recipient.ID}, "the revoked": {Status: Revoked}, "the type's": {Type: "course"}, "the template's": {Template: "course"},
	} {
		f.Limit = 10
		page := must[Page](t)(store.Find(ctx, f))
		if slices.Contains(numbers(page.Records), gone.Number) || page.Total != len(page.Records) {
			t.Errorf("%s: %v, %d in all", name, numbers(page.Records), page.Total)
		}
	}
	if _, err := store.Natural(ctx, i.Natural); !errors.Is(err, ErrNotFound) {
		t.Errorf("its natural key: %v", err)
	}
	if _, err := store.Request(ctx, i.Request.Key); !errors.Is(err, ErrNotFound) {
		t.Errorf("its request key: %v", err)
	}
	if !must[bool](t)(store.Has(ctx, gone.Number)) {
		t.Error("its number is free again")
	}
	all := 0
	for r, err := range store.Certificates(ctx) {
		if all++; err != nil || r.Erased != (r.Number == gone.Number) {
			t.Errorf("%s: erased %v, %v", r.Number, r.Erased, err)
		}
	}
	if all != 3 {
		t.Errorf("%d certificates, want 3 with the erased one", all)
	}
}

func erasedNewest(t *testing.T, store Store, _ reopener) {
	ctx := t.Context()
	s := newSampler(t)
	same := func(r *Record) { r.Recipient.ID = "sample" }
	older, newer := s.issue(same), s.issue(same)
	for _, i := range []Issue{older, newer} {
		if err := store.Commit(ctx, s.round(i)); err != nil {
			t.Fatal(err)
		}
	}
	b := s.round()
	s.state(&b, newer.Record, Revoked, credential.CodeErased)
	if err := store.Commit(ctx, b); err != nil {
		t.Fatal(err)
	}
	if got := must[*Record](t)(store.Natural(ctx, older.Natural)); got.Number != older.Record.Number {
		t.Errorf("got %s, want %s", got.Number, older.Record.Number)
	}
}
