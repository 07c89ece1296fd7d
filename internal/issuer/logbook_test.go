package issuer

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"laurel/certlog"
	"laurel/site"
)

// publishedHead reads the checkpoint in the tree, as a stranger with the keys of site.json does.
func (h *house) publishedHead() *certlog.Checkpoint {
	h.t.Helper()
	_, settings, err := site.TreeTrust(h.cfg.PublicDir)
	if err != nil {
		h.t.Fatal(err)
	}
	log, err := site.TreeLog(h.cfg.PublicDir, settings.Log)
	if err != nil {
		h.t.Fatal(err)
	}
	c, err := log.Checkpoint()
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

const ownCosigner = "certs.example.org/log/cosigner"

func TestTheCosignatureOfAQuietLogIsRenewedAtItsCadence(t *testing.T) {
	h := newHouse(t)
	h.cfg.CosignEvery = time.Hour
	r := h.run(nil)
	r.issue(sample(1), by("", sample(1)))
	r.settled()
	first := h.publishedHead()
	if at := first.CosignedBy(ownCosigner); first.Size != 1 || !at.Equal(h.clock.now().Truncate(time.Second)) {
		t.Fatalf("size %d, cosigned at %v", first.Size, at)
	}
	for _, step := range []struct {
		wait  time.Duration
		renew bool
	}{{59 * time.Minute, false}, {time.Minute, true}, {59 * time.Minute, false}, {24 * time.Hour, true}} {
		before := h.publishedHead()
		h.clock.forward(step.wait)
		if err := r.renewHead(t.Context()); err != nil {
			t.Fatal(err)
		}
		after := h.publishedHead()
		if renewed := after.CosignedBy(ownCosigner).After(before.CosignedBy(ownCosigner)); renewed != step.renew || !after.Same(first.Head) {
			t.Errorf("after %v more: renewed %v", step.wait, renewed)
		}
	}
	if at := r.AsOf(); !at.Equal(h.publishedHead().CosignedBy(ownCosigner)) {
		t.Errorf("as of %v", at)
	}
	r.finish()
	h.sound(1)
}

func TestAWitnessIsNamedInTheSettingsAndItsCosignatureStays(t *testing.T) {
	h := newHouse(t)
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))
	const name = "witness.example/w1"
	h.cfg.Witnesses = []string{certlog.CosignerKey(name, key.Public().(ed25519.PublicKey))}
	r := h.run(nil)
	r.issue(sample(1), by("", sample(1)))
	r.settled()
	_, settings, err := site.TreeTrust(h.cfg.PublicDir)
	if err != nil || !slices.Equal(settings.Log.Witnesses, h.cfg.Witnesses) {
		t.Fatalf("%+v, %v", settings.Log, err)
	}
	log, err := certlog.ParseKey(settings.Log.Key)
	if err != nil {
		t.Fatal(err)
	}
	// The witness adds its line to the file, as whatever carries checkpoints to and fro would.
	path := filepath.Join(h.cfg.PublicDir, site.CheckpointPath)
	own, err := certlog.ParseKey(settings.Log.Cosigner)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := certlog.Cosign(h.publishedHead().Head.Checkpoint, []note.Verifier{log, own}, certlog.NewCosigner(name, key, h.clock.now()))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, seen, 0o644); err != nil {
		t.Fatal(err)
	}
	h.clock.forward(2 * time.Hour)
	if err := r.renewHead(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := h.publishedHead(); c.CosignedBy(name).IsZero() || !c.CosignedBy(ownCosigner).Equal(h.clock.now().Truncate(time.Second)) {
		t.Errorf("cosigned by %v", c.Cosigned)
	}
	r.finish()
	h.sound(1)

	h.cfg.Witnesses = []string{"nobody"}
	if _, err := Load(context.Background(), h.cfg); !errors.Is(err, certlog.ErrKey) {
		t.Errorf("a witness that is none: %v", err)
	}
}

// Records from an older backup would issue under indexes that the public log has given away: two logs of one name.
func TestRecordsThatAreBehindThePublishedLogAreRefused(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	r.issue(sample(1), by("", sample(1)))
	r.finish()
	backup, err := os.ReadFile(h.cfg.dbPath())
	if err != nil {
		t.Fatal(err)
	}
	r = h.run(nil)
	r.issue(sample(2), by("", sample(2)))
	r.finish()
	tree := filepath.Join(h.t.TempDir(), "checkpoint")
	checkpoint := filepath.Join(h.cfg.PublicDir, site.CheckpointPath)
	if err := errors.Join(os.Rename(checkpoint, tree), os.WriteFile(h.cfg.dbPath(), backup, 0o600)); err != nil {
		t.Fatal(err)
	}
	// While nobody sees what was published, they go on; another log of the same size is the worst of it.
	r = h.run(nil)
	r.issue(sample(3), by("", sample(3)))
	r.finish()
	for _, c := range []struct {
		name string
		db   []byte
	}{{"older records", backup}, {"records that went on", nil}} {
		if c.db != nil {
			if err := os.Rename(h.cfg.dbPath(), h.cfg.dbPath()+".on"); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(h.cfg.dbPath(), c.db, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		data, err := os.ReadFile(tree)
		if err == nil {
			err = os.WriteFile(checkpoint, data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		i, err := Load(context.Background(), h.cfg)
		if !errors.Is(err, ErrBehind) || !strings.Contains(err.Error(), "certd restore --adopt "+h.cfg.PublicDir) {
			t.Errorf("%s: %v", c.name, err)
		}
		if err == nil {
			i.Close()
		}
		if c.db != nil {
			if err := os.Rename(h.cfg.dbPath()+".on", h.cfg.dbPath()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestAnotherSeedIsNotTakenForTheLogs(t *testing.T) {
	h := newHouse(t)
	if err := os.WriteFile(h.cfg.logSeedPath(), bytes.Repeat([]byte{3}, 32), 0o600); err != nil {
		t.Fatal(err)
	}
	if i, err := Load(context.Background(), h.cfg); err == nil || !strings.Contains(err.Error(), "another key than that of the log certs.example.org/log") {
		t.Errorf("%v", err)
		if err == nil {
			i.Close()
		}
	}
}

func TestTilesThatWereDamagedOrLostAreWrittenAnew(t *testing.T) {
	h := newHouse(t)
	n := 0
	for name, harm := range map[string]func(path string) error{
		"lost":      os.Remove,
		"cut short": func(path string) error { return os.Truncate(path, 31) },
		"changed": func(path string) error {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			data[20] ^= 1
			return os.WriteFile(path, data, 0o644)
		},
	} {
		r := h.run(nil)
		r.issue(sample(n), by("", sample(n)))
		r.finish()
		harmed := 0
		for path := range tree(t, h.cfg.PublicDir) {
			if !strings.HasPrefix(path, "log/tile/") {
				continue
			}
			harmed++
			if err := harm(filepath.Join(h.cfg.PublicDir, path)); err != nil {
				t.Fatal(err)
			}
		}
		if harmed == 0 {
			t.Fatal("no tiles to harm")
		}
		r = h.run(nil)
		r.issue(sample(n+1), by("", sample(n+1)))
		r.finish()
		n += 2
		h.sound(n)
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestTheBeginningsOfAFullTileAreRemoved(t *testing.T) {
	h := newHouse(t)
	r := h.run(nil)
	for n := range 260 {
		r.issue(sample(n), by("", sample(n)))
		if n%100 == 0 {
			r.settled()
		}
	}
	r.finish()
	var left []string
	for path := range tree(t, h.cfg.PublicDir) {
		if strings.HasPrefix(path, "log/tile/") && strings.Contains(path, "000.p/") && !strings.HasPrefix(path, "log/tile/1/") {
			left = append(left, path)
		}
	}
	if len(left) > 0 {
		t.Errorf("the full tile stands beside %v", left)
	}
	h.sound(260)
}
