package publish

import (
	"context"
	"errors"
	"iter"
)

// Options are how a target must serve a file.
type Options struct {
	ContentType  string
	CacheControl string
	Immutable    bool // the bytes of this key never change
}

// Object is a file that a target holds.
type Object struct {
	Key  string
	Size int64
	MD5  string // hexadecimal; "" where the target does not tell
}

// Backend is a place that files are put to, by keys that are slash-separated paths. Its methods may be called
// concurrently. An error that may pass by itself is marked with [Temporary], one of the whole target with [Broken].
type Backend interface {
	// Name is what people call the target; it holds no secret, and two targets have two names.
	Name() string
	// Chooses says that whoever serves the target hands out another form of a file where one lies beside it, as web
	// servers over a folder do.
	Chooses() bool
	// Ready begins a run; fresh says that nothing was ever put to the target, which is made then. What lies at its name
	// later and is not what Ready found takes no file.
	Ready(ctx context.Context, fresh bool) error
	// Put stores a file whole or not at all. The error is ErrExists where o.Immutable and the key is taken.
	Put(ctx context.Context, key string, data []byte, o Options) error
	// Get returns a file, or ErrNotFound.
	Get(ctx context.Context, key string) ([]byte, error)
	// Delete removes a file; that it is not there is no error.
	Delete(ctx context.Context, key string) error
	// Sweep removes what an upload of a file has left that was cut off.
	Sweep(ctx context.Context, key string) error
	// List yields all files.
	List(ctx context.Context) iter.Seq2[Object, error]
	// Sync returns when what was put will outlast a power failure.
	Sync(ctx context.Context) error
}

var (
	// ErrNotFound: the target holds no such file.
	ErrNotFound = errors.New("not found on the target")
	// ErrExists: the target holds a file of this key already.
	ErrExists = errors.New("exists on the target")
	// ErrConflict: the target holds other bytes at a key whose bytes never change.
	ErrConflict = errors.New("the target holds other bytes at an address whose bytes never change: it is not a mirror of this tree, or this tree was changed by hand")
	// ErrWiped: what was put to the target is not there any more.
	ErrWiped = errors.New("the target does not hold what was put there before")
	// ErrForeign: the target holds another tree.
	ErrForeign = errors.New("the target holds another tree, or this one as another machine put it there")
	// ErrBusy: another process publishes to the target.
	ErrBusy = errors.New("another process publishes to this target; wait for it to end")
	// ErrTooManyDeletes: more files would be deleted than a run may.
	ErrTooManyDeletes = errors.New("too many deletions")
	// ErrLimit: the host does not take a tree like this one.
	ErrLimit = errors.New("more than the host takes")
)

// temporary marks an error that may pass by itself.
type temporary struct{ error }

func (t temporary) Unwrap() error { return t.error }

// Temporary marks an error as one that may pass by itself, so that trying again is worth it.
func Temporary(err error) error {
	if err == nil {
		return nil
	}
	return temporary{err}
}

// IsTemporary reports whether Temporary marked an error.
func IsTemporary(err error) bool {
	var t temporary
	return errors.As(err, &t)
}

// broken marks an error of the whole target.
type broken struct{ error }

func (b broken) Unwrap() error { return b.error }

// Broken marks an error as one of the whole target, full or gone for example, so that no other file would fare better.
func Broken(err error) error { return broken{err} }

// IsBroken reports whether Broken marked an error.
func IsBroken(err error) bool {
	var b broken
	return errors.As(err, &b)
}
