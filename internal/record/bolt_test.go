package record

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

func TestTheFileIsForItsOwnerAlone(t *testing.T) {
	path, _ := newFile(t, 1)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
}

func TestAFileIsMadeOnceAndOpenedOnlyIfThere(t *testing.T) {
	path, _ := newFile(t, 1)
	if _, err := CreateBolt(path); !errors.Is(err, os.ErrExist) {
		t.Errorf("made a second time: %v", err)
	}
	missing := filepath.Join(t.TempDir(), "certd.db")
	if _, err := OpenBolt(missing); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("opened what is not there: %v", err)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("opening made a file")
	}
}

func TestAFileIsOpenedByOneAtATime(t *testing.T) {
	path, _ := newFile(t, 1)
	db, err := OpenBolt(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := OpenBolt(path); !errors.Is(err, ErrLocked) {
		t.Errorf("a second time: %v", err)
	}
	if _, err := Fsck(path); !errors.Is(err, ErrLocked) {
		t.Errorf("checked while it is open: %v", err)
	}
}

func TestADamagedValueIsNeverGivenOut(t *testing.T) {
	path, s := newFile(t, 3)
	db, err := OpenBolt(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	page := must[Page](t)(db.Find(t.Context(), Filter{Limit: 1}))
	r := page.Records[0]
	for name, change := range map[string]func(tx *bolt.Tx) error{
		"another document in its place": func(tx *bolt.Tx) error {
			return tx.Bucket(bucketDocuments).Put(indexKey(r.LogIndex), tx.Bucket(bucketDocuments).Get(indexKey(0)))
		},
		"a value cut short": func(tx *bolt.Tx) error { return tx.Bucket(bucketDocuments).Put(indexKey(r.LogIndex), []byte("short")) },
	} {
		if err := db.db.Update(change); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Get(t.Context(), r.Number); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_ = s
}

func TestTokensAreKeptByNameAndEndOnce(t *testing.T) {
	path, s := newFile(t, 1) // holds the token lms
	db, err := OpenBolt(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := t.Context()
	second := Token{ID: "t2", Name: "lms", Hash: [32]byte{8}, Created: s.now}
	if err := db.PutToken(ctx, second); !errors.Is(err, ErrTokenName) {
		t.Errorf("two in force of one name: %v", err)
	}
	if err := db.RevokeToken(ctx, "nobody", s.now); !errors.Is(err, ErrNotFound) {
		t.Errorf("revoking what is not there: %v", err)
	}
	if err := db.RevokeToken(ctx, "lms", s.now); err != nil {
		t.Fatal(err)
	}
	if err := db.RevokeToken(ctx, "t1", s.now.AddDate(0, 0, 1)); err != nil {
		t.Errorf("revoking again: %v", err)
	}
	if err := db.PutToken(ctx, second); err != nil {
		t.Errorf("the name is free again: %v", err)
	}
	all := must[[]Token](t)(db.Tokens(ctx))
	if len(all) != 2 || !all[0].Revoked.Equal(s.now) || !all[1].Revoked.IsZero() {
		t.Errorf("tokens %+v", all)
	}
}

func TestARotatedTokenAndTheNewOneCountUntilItsTime(t *testing.T) {
	ctx := t.Context()
	db, err := CreateBolt(filepath.Join(t.TempDir(), "certd.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	until := now.Add(24 * time.Hour)
	old := Token{ID: "t1", Name: "lms", Hash: [32]byte{7}, Scopes: []string{"issue"}, Organisation: "acme", Created: now, LastUsed: now}
	if err := db.PutToken(ctx, old); err != nil {
		t.Fatal(err)
	}
	rotate := func(id string, at, until time.Time) (Token, error) {
		return db.RotateToken(ctx, "lms", at, until, func(t *Token) { t.ID, t.Hash, t.Created, t.Expires = id, [32]byte{8}, at, time.Time{} })
	}
	added := must[Token](t)(rotate("t2", now.Add(time.Hour), until))
	if added.Organisation != "acme" || !slices.Equal(added.Scopes, old.Scopes) || added.ID != "t2" || added.Principal() != "t1" || !added.LastUsed.IsZero() {
		t.Errorf("the new one is %+v", added)
	}
	all := must[[]Token](t)(db.Tokens(ctx))
	if len(all) != 2 || !all[0].InForce(until.Add(-1)) || all[0].InForce(until) || !all[1].InForce(until) {
		t.Errorf("%+v", all)
	}
	if _, err := db.RotateToken(ctx, "nobody", now, until, func(*Token) {}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a name that is not there: %v", err)
	}
	// What ends sooner by itself is not given more time.
	must[Token](t)(rotate("t3", now.Add(2*time.Hour), until.AddDate(1, 0, 0)))
	if all := must[[]Token](t)(db.Tokens(ctx)); !all[0].Expires.Equal(until) {
		t.Errorf("the first one ends at %v", all[0].Expires)
	}
}

func TestATokensLastUseGoesForwardOnly(t *testing.T) {
	ctx := t.Context()
	db, err := CreateBolt(filepath.Join(t.TempDir(), "certd.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	if err := db.PutToken(ctx, Token{ID: "t1", Name: "lms", Created: now}); err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{now.Add(time.Hour), now} {
		if err := db.UsedTokens(ctx, map[string]time.Time{"t1": at, "gone": at}); err != nil {
			t.Fatal(err)
		}
	}
	if all := must[[]Token](t)(db.Tokens(ctx)); len(all) != 1 || !all[0].LastUsed.Equal(now.Add(time.Hour)) {
		t.Errorf("%+v", all)
	}
}
