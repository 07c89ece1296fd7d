package issuer

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"os"
	"time"

	"laurel/credential"
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
	made := cfg.makes()
	for _, path := range made {
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%s: %w; a new issuer overwrites nothing", path, os.ErrExist)
		}
	}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removeAll(made...))
		}
	}()
	key, err := cfg.firstKeys()
	if err != nil {
		return err
	}
	secret, err := cfg.logSecret()
	if err != nil {
		return err
	}
	encodings, err := cfg.encodings()
	if err != nil {
		return err
	}
	settings := site.Settings{BaseURL: cfg.BaseURL, Issuer: did, IssuerName: name, Timezone: cfg.Timezone, Files: cfg.Files, Precompress: encodings}
	book, err := newLogbook(cfg, settings.Host(), secret.key().Seed())
	if err != nil {
		return err
	}
	settings.Log = book.keys
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
	i, err := load(ctx, cfg, db)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	if err = i.publishDocuments(ctx); err == nil {
		_, err = i.Rebuild(ctx, nil)
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

// makes are the files that Create writes; a seed that comes from elsewhere is in none.
func (c Config) makes() []string {
	files := []string{c.dbPath()}
	if len(c.Signers) == 0 {
		files = append(files, c.seedPath())
	}
	if c.LogSeed == nil {
		files = append(files, c.logSeedPath())
	}
	return files
}

// firstKeys draws the seeds that do not come from elsewhere, and returns what signs.
func (c Config) firstKeys() (crypto.Signer, error) {
	if c.LogSeed == nil {
		if err := writeSeed(c.logSeedPath(), c.Rand); err != nil {
			return nil, err
		}
	}
	switch len(c.Signers) {
	case 0:
		if err := writeSeed(c.seedPath(), c.Rand); err != nil {
			return nil, err
		}
		return readSeed(c.seedPath())
	case 1:
		return c.Signers[0], nil
	}
	return nil, fmt.Errorf("a new issuer has one key, and the configuration gives %d seeds", len(c.Signers))
}

// firstBatch holds the documents of a site that has no certificates.
func firstBatch(cfg Config, s site.Settings, key crypto.Signer, now time.Time) (b record.Batch, err error) {
	pub := publicOf(key)
	method := credential.Method(s.Issuer, pub)
	settings, err := signSettings(s, key, method, now)
	if err != nil {
		return b, err
	}
	at := now.Truncate(time.Second)
	history, err := credential.SignHistory(&credential.History{
		Base: s.BaseURL, Sequence: 1, Updated: at, Keys: []credential.Key{{Method: method, Listed: at, Signs: at}},
	}, key, now)
	if err != nil {
		return b, err
	}
	list, documents, err := newListPair(0, s, key, method, now, cfg.Rand)
	if err != nil {
		return b, err
	}
	b.Documents = append(documents,
		record.Document{Path: site.DIDPath, Data: credential.DIDDocument(s.Issuer, pub)},
		record.Document{Path: site.KeysPath, Data: history},
		record.Document{Path: site.SettingsPath, Data: settings})
	b.Lists = []record.List{list}
	return b, nil
}

// signSettings signs a site.json.
func signSettings(s site.Settings, key crypto.Signer, method string, now time.Time) ([]byte, error) {
	fields := map[string]any{
		"type": "LaurelSite", "version": 1, "id": s.BaseURL + "/" + site.SettingsPath,
		"issuer": s.Issuer, "baseUrl": s.BaseURL, "issuerName": s.IssuerName, "timezone": s.Timezone, "log": s.Log.Fields(),
	}
	if s.Files != "" {
		files := []any{}
		for _, name := range s.Files.Names() {
			files = append(files, name)
		}
		fields["files"] = files
	}
	if s.Precompress != "" {
		encodings := []any{}
		for _, name := range s.Precompress.Names() {
			encodings = append(encodings, name)
		}
		fields["precompress"] = encodings
	}
	return credential.SignDocument(fields, key, method, now)
}
