package issuer

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
)

// resignSize is how many certificates are signed anew in one round.
const resignSize = 64

// anew is how far the signing anew has come. It is worked out of the records: after a restart it begins again, and what
// is done is passed over.
type anew struct {
	next  atomic.Int64 // log index from which on records have not been looked at
	until atomic.Int64 // log index behind the last one that a stolen key may have signed; 0: nothing is to be done
}

// Anew is the progress of signing anew, by entries of the log.
type Anew struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total"` // 0: nothing is to be signed anew
}

// Anew tells how far the signing anew after a theft has come. It is over, and Total is 0, once the stolen key has left
// did.json.
func (i *Issuer) Anew() Anew {
	a := &i.keys.anew
	n := Anew{Done: a.next.Load(), Total: a.until.Load()}
	if n.Total == 0 && len(i.ring.stolen()) > 0 { // not begun since the start
		n.Total = 1
	}
	return n
}

// begin has the signing anew look at everything again.
func (k *keykeeper) begin() {
	k.anew.next.Store(0)
	k.anew.until.Store(0)
	select {
	case k.bell <- struct{}{}:
	default:
	}
}

// resign signs some of what stolen keys have signed anew, where any of it is left; once all of it is published, the keys
// leave did.json. busy is true while there is more to sign.
func (i *Issuer) resign(ctx context.Context) (busy bool, err error) {
	a := &i.keys.anew
	stolen := i.ring.stolen()
	if len(stolen) == 0 {
		a.until.Store(0)
		return false, nil
	}
	if a.until.Load() == 0 {
		head, err := i.store.Head(ctx)
		if err != nil {
			return false, err
		}
		a.next.Store(0)
		a.until.Store(max(head.Size, 1))
	}
	if a.next.Load() < a.until.Load() {
		return true, i.resignRound(ctx, stolen)
	}
	published, err := i.resigned(ctx, a.until.Load())
	if err != nil || !published {
		return false, err
	}
	if err := i.change(ctx, func(ctx context.Context, d *draft) (refused, err error) { return nil, d.dropStolen(ctx) }); err != nil {
		return false, err
	}
	a.until.Store(0)
	i.cfg.Log.Info("everything good is signed anew and published, and the stolen key has left did.json")
	return false, nil
}

// lookAtOnce is how many entries one round of signing anew looks at, at most.
const lookAtOnce = 4096

// resignRound goes on where the last one ended, by one round.
func (i *Issuer) resignRound(ctx context.Context, stolen []credential.Key) error {
	a := &i.keys.anew
	var some []*record.Record
	index, end := a.next.Load(), min(a.next.Load()+lookAtOnce, a.until.Load())
	for ; index < end && len(some) < resignSize; index++ {
		r, err := i.store.At(ctx, index)
		if errors.Is(err, record.ErrNotFound) { // an entry that issues nothing
			continue
		}
		if err != nil {
			return err
		}
		if document, statements := again(r, stolen); document || statements {
			some = append(some, r)
		}
	}
	if err := i.resignSome(ctx, some, stolen); err != nil {
		return err
	}
	a.next.Store(index)
	return nil
}

// resignSome signs some certificates anew, outside the writer, and has it write those that are still as they were.
func (i *Issuer) resignSome(ctx context.Context, some []*record.Record, stolen []credential.Key) error {
	if len(some) == 0 {
		return nil
	}
	docs := make([][]byte, len(some))
	for n, r := range some {
		document, _ := again(r, stolen)
		if !document {
			continue
		}
		var err error
		if docs[n], err = i.signAnew(r.Document); err != nil {
			return fmt.Errorf("signing %s anew: %w", r.Number, err)
		}
	}
	return i.change(ctx, func(ctx context.Context, d *draft) (refused, err error) {
		for n, r := range some {
			if err := d.putAnew(ctx, r, docs[n], stolen); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

// signAnew signs a credential with the key in force, and holds it against the old one before anybody sees it.
func (i *Issuer) signAnew(old []byte) (doc []byte, err error) {
	err = i.sign(func(key crypto.Signer, method string, now time.Time) (err error) {
		doc, err = credential.SignAnew(old, key, method, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	if _, err := credential.VerifyPublished(doc, i.ring.trusted()); err != nil {
		return nil, err
	}
	was, err := credential.Digest(old)
	if err != nil {
		return nil, err
	}
	is, err := credential.Digest(doc)
	if err == nil && is != was {
		err = errors.New("its content has changed")
	}
	return doc, err
}

// putAnew writes a certificate with its new proofs, unless something has happened to it meanwhile: then nothing stolen
// is left in it, or the next look finds it again.
func (d *draft) putAnew(ctx context.Context, seen *record.Record, doc []byte, stolen []credential.Key) error {
	r, err := d.record(ctx, seen.Number)
	if err != nil {
		return err
	}
	document, statements := again(r, stolen)
	document = document && doc != nil && bytes.Equal(r.Document, seen.Document)
	if document {
		r.Document = doc
	}
	if statements {
		if err := d.signStatements(r); err != nil {
			return err
		}
	}
	if document || statements {
		d.putRecord(r)
	}
	return nil
}

// resigned reports whether everything below a log index is published, and every document of the site.
func (i *Issuer) resigned(ctx context.Context, below int64) (bool, error) {
	first, err := i.store.Pending(ctx, 0, 1)
	if err != nil || len(first) > 0 && first[0].LogIndex < below {
		return false, err
	}
	docs, err := i.store.PendingDocuments(ctx)
	return len(docs) == 0, err
}

// dropStolen takes the stolen keys out of did.json.
func (d *draft) dropStolen(ctx context.Context) error {
	d.ring.mu.Lock()
	defer d.ring.mu.Unlock()
	doc, err := d.document(ctx, site.KeysPath)
	if err != nil {
		return err
	}
	did, listed := didOf(d.settings.Issuer, d.ring.history.Keys, func(k credential.Key) bool { return k.Revoked != nil })
	if err := d.ring.read(doc, listed); err != nil {
		return err
	}
	d.putDocument(site.DIDPath, did)
	return nil
}
