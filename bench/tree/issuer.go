package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"laurel/certlog"
	"laurel/credential"
	"laurel/site"
	"laurel/templates"
)

const issuerName = "示例学院 Example Academy"

// issuer signs as certd does, from seeds that follow from the base address.
type issuer struct {
	base, did, method, out string
	key                    ed25519.PrivateKey
	secrets                certlog.Secrets
	set                    *templates.Set
	files                  templates.Files
	zone                   *time.Location
}

func newIssuer(base, out string) (*issuer, error) {
	seed := sha256.Sum256([]byte("laurel bench " + base))
	logSeed := sha256.Sum256([]byte("laurel bench log " + base))
	i := &issuer{base: base, out: out, key: ed25519.NewKeyFromSeed(seed[:]), zone: time.FixedZone("", 8*3600)}
	var err error
	if i.did, err = credential.DIDWeb(base); err != nil {
		return nil, err
	}
	i.method = credential.Method(i.did, i.public())
	if i.secrets, err = certlog.DeriveSecrets(logSeed[:]); err != nil {
		return nil, err
	}
	i.set, err = templates.Open("")
	return i, err
}

func (i *issuer) public() ed25519.PublicKey { return i.key.Public().(ed25519.PublicKey) }

func (i *issuer) origin() string {
	_, host, _ := strings.Cut(i.base, "://")
	return site.LogOrigin(host)
}

// write writes the documents of n certificates by several workers.
func (i *issuer) write(ctx context.Context, n, workers int) error {
	if err := i.writeSite(n); err != nil {
		return err
	}
	entries := make([]certlog.Entry, n)
	numbers := make([]credential.Number, n)
	err := each(ctx, n, workers, func(k int) (err error) {
		numbers[k], entries[k], err = i.certificate(k)
		return err
	})
	if err != nil || n == 0 {
		return err
	}
	c, err := i.writeLog(entries)
	if err != nil {
		return err
	}
	return i.writeProofs(ctx, c, entries, numbers, workers)
}

// writeSite writes the documents that all certificates share.
func (i *issuer) writeSite(n int) error {
	keys := site.LogKeys{
		Key:      certlog.VerifierKey(i.origin(), i.secrets.Log.Public().(ed25519.PublicKey)),
		Cosigner: certlog.CosignerKey(i.origin()+"/cosigner", i.secrets.Cosigner.Public().(ed25519.PublicKey)),
	}
	fields := map[string]any{
		"type": "LaurelSite", "version": 1, "id": i.base + "/" + site.SettingsPath, "issuer": i.did, "baseUrl": i.base,
		"issuerName": issuerName, "timezone": "Asia/Shanghai", "log": keys.Fields(),
	}
	if i.files != "" {
		list := []any{}
		for _, name := range i.files.Names() {
			list = append(list, name)
		}
		fields["files"] = list
	}
	settings, err := credential.SignDocument(fields, i.key, i.method, begin)
	if err != nil {
		return err
	}
	history, err := credential.SignHistory(&credential.History{Base: i.base, Sequence: 1, Updated: begin,
		Keys: []credential.Key{{Method: i.method, Listed: begin, Signs: begin}}}, i.key, begin)
	if err != nil {
		return err
	}
	docs := map[string][]byte{site.DIDPath: credential.DIDDocument(i.did, i.public()), site.SettingsPath: settings, site.KeysPath: history}
	for list := 0; list == 0 || list*credential.StatusListSize < n; list++ {
		for _, purpose := range []string{site.Revocation, site.Suspension} {
			path := site.StatusListPath(purpose, list)
			docs[path], err = credential.SignStatusList(&credential.StatusList{URL: i.base + "/" + path, Issuer: i.did, Purpose: purpose,
				ValidFrom: begin, Bits: make([]byte, credential.StatusListSize/8)}, i.key, i.method, begin)
			if err != nil {
				return err
			}
		}
	}
	for path, data := range docs {
		if err := i.put(path, data); err != nil {
			return err
		}
	}
	return nil
}

// certificate signs and writes the k-th credential.
func (i *issuer) certificate(k int) (credential.Number, certlog.Entry, error) {
	number, err := credential.NewNumber(random(i.base, k))
	if err != nil {
		return "", certlog.Entry{}, err
	}
	f := facts(i.set, k, number)
	f.BaseURL, f.IssuerName, f.Zone = i.base, issuerName, i.zone
	doc, err := credential.Sign(credential.New(f), i.key, i.method, issuedAt(k))
	if err != nil {
		return "", certlog.Entry{}, err
	}
	digest, err := credential.Digest(doc)
	if err != nil {
		return "", certlog.Entry{}, err
	}
	e := certlog.Entry{Kind: certlog.Issue, Time: issuedAt(k).UnixMilli(), List: certlog.NoList, Index: certlog.NoList, Digest: digest}
	return number, e, i.put(site.CredentialPath(number), doc)
}

// random are the bytes that the k-th certificate draws.
func random(base string, k int) io.Reader {
	return rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, base, " ", k)))
}

// writeLog writes the tiles and one checkpoint over all of them.
func (i *issuer) writeLog(entries []certlog.Entry) (*certlog.Checkpoint, error) {
	var edge certlog.Edge
	put := func(t certlog.Tile, data []byte) error { return i.put(site.TilePath(t), data) }
	for _, e := range entries {
		if err := edge.Append(e, put); err != nil {
			return nil, err
		}
	}
	for t, data := range edge.Partial() {
		if err := put(t, data); err != nil {
			return nil, err
		}
	}
	head := edge.Tree().Head()
	at := issuedAt(len(entries))
	signed, err := certlog.SignCheckpoint(i.origin(), head, certlog.NewSigner(i.origin(), i.secrets.Log), certlog.NewCosigner(i.origin()+"/cosigner", i.secrets.Cosigner, at))
	if err != nil {
		return nil, err
	}
	head.Checkpoint = signed
	return &certlog.Checkpoint{Origin: i.origin(), Head: head}, i.put(site.CheckpointPath, signed)
}

// writeProofs proves every certificate against the checkpoint, each worker a stretch of the log, whose tiles it reads once.
func (i *issuer) writeProofs(ctx context.Context, c *certlog.Checkpoint, entries []certlog.Entry, numbers []credential.Number, workers int) error {
	const stretch = certlog.TileWidth
	read := certlog.Tiles(func(path string) ([]byte, error) {
		return os.ReadFile(filepath.Join(i.out, "log", filepath.FromSlash(path)))
	})
	return each(ctx, (len(entries)+stretch-1)/stretch, workers, func(k int) error {
		hashes := certlog.NewHashes(c.Size, read)
		for n := k * stretch; n < min(len(entries), (k+1)*stretch); n++ {
			p, err := certlog.Prove(entries[n], int64(n), c, hashes)
			if err != nil {
				return err
			}
			if err := i.put(site.ProofPath(numbers[n]), p.Marshal()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (i *issuer) put(path string, data []byte) error {
	name := filepath.Join(i.out, filepath.FromSlash(path))
	err := os.WriteFile(name, data, 0o644)
	if os.IsNotExist(err) {
		if err = os.MkdirAll(filepath.Dir(name), 0o755); err == nil {
			err = os.WriteFile(name, data, 0o644)
		}
	}
	return err
}

// each calls do for 0 to n-1 by several workers and returns the first error.
func each(ctx context.Context, n, workers int, do func(int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for k := range next {
				if ctx.Err() != nil {
					continue
				}
				if err := do(k); err != nil {
					cancel(err)
				}
			}
		})
	}
	for k := range n {
		next <- k
	}
	close(next)
	wg.Wait()
	return context.Cause(ctx)
}
