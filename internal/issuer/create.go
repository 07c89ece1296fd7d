package issuer

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"laurel/credential"
	"laurel/internal/durable"
	"laurel/internal/record"
	"laurel/site"
)

// Create makes a new issuer: keys, records and the first public tree. It refuses what exists. What it made
// before an error it removes again.
func Create(ctx context.Context, cfg Config) (err error) {
	cfg = cfg.withDefaults()
	did, err := credential.DIDWeb(cfg.BaseURL)
	if err != nil {
		return err
	}
	name, why := cleanText(cfg.IssuerName, maxName)
	if why != "" {
		return fmt.Errorf("issuer name %q: it %s", cfg.IssuerName, why)
	}
	zone, err := time.LoadLocation(cfg.Timezone)
	if err != nil || cfg.Timezone == "" || cfg.Timezone == "Local" {
		return fmt.Errorf("time zone %q is not known; give a name of the IANA list, as Asia/Shanghai", cfg.Timezone)
	}
	for _, path := range []string{cfg.dbPath(), cfg.seedPath(), cfg.logSeedPath()} {
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%s: %w; a new issuer overwrites nothing", path, os.ErrExist)
		}
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removeAll(cfg.dbPath(), cfg.seedPath(), cfg.logSeedPath()))
		}
	}()
	if err := writeSeed(cfg.logSeedPath(), cfg.Rand); err != nil {
		return err
	}
	if err := writeSeed(cfg.seedPath(), cfg.Rand); err != nil {
		return err
	}
	key, err := readSeed(cfg.seedPath())
	if err != nil {
		return err
	}
	settings := site.Settings{BaseURL: cfg.BaseURL, Issuer: did, IssuerName: name, Timezone: cfg.Timezone}
	first, err := firstBatch(cfg, settings, key, cfg.Now().In(zone))
	if err != nil {
		return err
	}
	db, err := record.CreateBolt(cfg.dbPath())
	if err != nil {
		return err
	}
	if err := db.Commit(ctx, first); err != nil {
		return errors.Join(err, db.Close())
	}
	i, err := load(ctx, cfg, key, db)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	_, err = i.Rebuild(ctx, nil)
	if err == nil {
		err = i.publishDocuments(ctx)
	}
	return errors.Join(err, i.Close())
}

func removeAll(paths ...string) (err error) {
	for _, path := range paths {
		if e := os.Remove(path); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

func writeSeed(path string, rand io.Reader) error {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(rand, seed); err != nil {
		return fmt.Errorf("drawing a seed: %w", err)
	}
	return durable.WriteFileSync(path, seed, 0o600)
}

// firstBatch holds the documents of a site that has no certificates.
func firstBatch(cfg Config, s site.Settings, key ed25519.PrivateKey, now time.Time) (b record.Batch, err error) {
	pub := key.Public().(ed25519.PublicKey)
	method := credential.Method(s.Issuer, pub)
	settings, err := credential.SignDocument(map[string]any{
		"type": "LaurelSite", "version": 1, "id": s.BaseURL + "/" + site.SettingsPath,
		"issuer": s.Issuer, "baseUrl": s.BaseURL, "issuerName": s.IssuerName, "timezone": s.Timezone,
	}, key, method, now)
	if err != nil {
		return b, err
	}
	list, documents, err := newListPair(0, s, key, method, now, cfg.Rand)
	if err != nil {
		return b, err
	}
	b.Documents = append(documents,
		record.Document{Path: site.DIDPath, Data: credential.DIDDocument(s.Issuer, pub)},
		record.Document{Path: site.SettingsPath, Data: settings})
	b.Lists = []record.List{list}
	return b, nil
}
