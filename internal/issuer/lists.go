package issuer

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
)

// lists gives out places in the status lists. A place that was given out is never given out again, also if
// its request is refused: counters only grow, and what is committed keeps the highest.
type lists struct {
	mu      sync.Mutex
	current record.List
}

func loadLists(ctx context.Context, s store) (*lists, error) {
	all, err := s.Lists(ctx)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, errors.New("the records name no status list")
	}
	return &lists{current: all[len(all)-1]}, nil
}

// place is one bit of both lists of a pair.
type place struct {
	list    int
	index   uint32
	counter uint32
	key     [32]byte
}

// reserve gives out a place. Where the pair is full, renew makes the next one, and must have committed it.
func (l *lists) reserve(renew func(n int) (record.List, error)) (place, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current.Next >= credential.StatusListSize {
		next, err := renew(l.current.N + 1)
		if err != nil {
			return place{}, err
		}
		l.current = next
	}
	p := place{list: l.current.N, counter: l.current.Next, key: l.current.Key}
	p.index = credential.StatusIndex(p.key, p.counter)
	l.current.Next++
	return p, nil
}

// newListPair draws the order of a pair of lists and signs both, all zero.
func newListPair(n int, s site.Settings, key crypto.Signer, method string, now time.Time, rand io.Reader) (record.List, []record.Document, error) {
	l := record.List{N: n}
	if _, err := io.ReadFull(rand, l.Key[:]); err != nil {
		return l, nil, fmt.Errorf("drawing the order of a status list: %w", err)
	}
	var docs []record.Document
	for _, purpose := range []string{site.Revocation, site.Suspension} {
		path := site.StatusListPath(purpose, n)
		doc, err := signList(&credential.StatusList{
			URL: s.BaseURL + "/" + path, Issuer: s.Issuer, Purpose: purpose, Bits: make([]byte, credential.StatusListSize/8),
		}, key, method, now)
		if err != nil {
			return l, nil, err
		}
		docs = append(docs, record.Document{Path: path, Data: doc})
	}
	return l, docs, nil
}

// newLists commits a further pair, through the writer like everything else.
func (i *Issuer) newLists(ctx context.Context, n int) (record.List, error) {
	var list record.List
	err := i.change(ctx, func(_ context.Context, d *draft) (refused, err error) {
		var docs []record.Document
		refused = d.sign(func(key crypto.Signer, method string) (err error) {
			list, docs, err = newListPair(n, i.settings, key, method, d.now, i.cfg.Rand)
			return err
		})
		if refused != nil {
			return refused, nil
		}
		d.counters[n] = list
		for _, doc := range docs {
			d.putDocument(doc.Path, doc.Data)
		}
		return nil, nil
	})
	return list, err
}
