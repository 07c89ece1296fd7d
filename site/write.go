package site

import (
	"errors"
	"fmt"
	"iter"

	"laurel/credential"
)

// written is what documents were there.
type written struct {
	certificates map[packed]struct{}
	lists        map[string]struct{}
}

// write writes documents, and those of one certificate alone where others came together with it before: the statements
// on it first.
func (r *run) write(docs iter.Seq2[Document, error]) error {
	r.stage(StageDocuments, 0)
	r.wrote = &written{certificates: map[packed]struct{}{}, lists: map[string]struct{}{}}
	var stated credential.Number // of the statements that came last
	for d, err := range docs {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if err != nil {
			r.partial = true
			r.fail(fmt.Errorf("%s: %w", d.Path, err))
			if d.Path == "" {
				return nil
			}
			continue
		}
		if err := r.writeOne(d, stated); err != nil {
			return err
		}
		if n, ok := NumberIn(d.Path); ok && d.Path == StatusPath(n) {
			stated = n
		}
		r.count(Changes{}, 1)
	}
	return nil
}

func (r *run) writeOne(d Document, stated credential.Number) error {
	n, ok := NumberIn(d.Path)
	if !ok {
		if _, _, ok := statusListIn(d.Path); ok {
			r.wrote.lists[d.Path] = struct{}{}
		}
		return r.b.unlessAdded(d.Path, func() error { return r.b.writeDocument(d) })
	}
	if p, _ := pack(string(n)); r.b.o.Prune && (d.Path == CredentialPath(n) || d.Path == StatusPath(n)) {
		r.wrote.certificates[p] = struct{}{}
	}
	err := r.b.exclusive(n, func() error {
		if d.Path == CredentialPath(n) && n != stated && d.home != r.b.dir {
			if _, err := r.b.removeFile(StatusPath(n)); err != nil { // which these documents do not call for, or bring later
				return err
			}
		}
		return r.b.writeDocument(d)
	})
	if errors.Is(err, errAdded) {
		return nil
	}
	return err
}
