package target

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"laurel/internal/durable"
	"laurel/internal/publish"
)

// folder is a folder of this machine or of a mounted share. It is opened anew for each file, and takes one only while it
// is the folder that Ready has found: a disk that is unmounted uncovers another, which must not be written to.
type folder struct {
	dir   string
	turns turns

	mu    sync.Mutex
	place fs.FileInfo // of dir, as Ready found it; nil: it was not there

	making sync.RWMutex // read: a folder is made for a file; write: one that became empty is taken away
}

func openFolder(dir string) (publish.Backend, error) {
	if dir == "" {
		return nil, errors.New("no target; give a folder or s3://BUCKET/PREFIX")
	}
	if scheme, _, ok := strings.Cut(dir, "://"); ok {
		return nil, fmt.Errorf("target %s: unknown scheme %q; give a folder or s3://BUCKET/PREFIX", dir, scheme)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	return &folder{dir: abs}, nil
}

func (f *folder) Name() string { return f.dir }

func (f *folder) Chooses() bool { return true }

func (f *folder) Ready(ctx context.Context, fresh bool) error {
	return f.do(ctx, "", func(context.Context) error {
		if fresh {
			if err := os.MkdirAll(f.dir, 0o777); err != nil {
				return err
			}
		}
		place, err := os.Stat(f.dir)
		if errors.Is(err, fs.ErrNotExist) {
			place, err = nil, nil // which whoever asks for a file there will find
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.place = place
		return err
	})
}

func (f *folder) Put(ctx context.Context, key string, data []byte, o publish.Options) error {
	return f.do(ctx, key, func(ctx context.Context) error {
		root, err := f.open()
		if err != nil {
			return err
		}
		defer root.Close()
		if o.Immutable {
			if _, err := root.Lstat(key); err == nil {
				return publish.ErrExists
			}
		}
		return f.put(ctx, root, key, data)
	})
}

// open opens the folder if it is the one that Ready has found.
func (f *folder) open() (*os.Root, error) {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	place := f.place
	f.mu.Unlock()
	now, err := root.Stat(".")
	if err == nil && (place == nil || !os.SameFile(now, place)) {
		err = errOther
	}
	if err != nil {
		root.Close()
		return nil, err
	}
	return root, nil
}

// put writes a file beside its place and renames it, unless nobody waits for it any more by then.
func (f *folder) put(ctx context.Context, root *os.Root, key string, data []byte) error {
	var r [6]byte
	rand.Read(r[:])
	temp := path.Join(path.Dir(key), tempPrefix(key)+hex.EncodeToString(r[:])+tempSuffix)
	err := write(root, temp, data)
	if errors.Is(err, fs.ErrNotExist) {
		err = f.writeIntoNew(root, temp, data)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = root.Rename(temp, key)
	}
	if err != nil {
		root.Remove(temp)
	}
	return err
}

// writeIntoNew makes the folder that a file is in, which nobody takes away before the file is there.
func (f *folder) writeIntoNew(root *os.Root, name string, data []byte) error {
	f.making.RLock()
	defer f.making.RUnlock()
	if err := root.MkdirAll(path.Dir(name), 0o777); err != nil {
		return err
	}
	return write(root, name, data)
}

func write(root *os.Root, name string, data []byte) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err2 := file.Close(); err == nil {
		err = err2
	}
	return err
}

const tempSuffix = ".tmp"

// tempPrefix begins the names under which a file is written before it gets its own. They tell whose they are, so that
// what a run leaves that is cut off can be found where the next one puts the same file.
func tempPrefix(key string) string {
	sum := sha256.Sum256([]byte(key))
	return ".laurel-" + hex.EncodeToString(sum[:8])
}

func (f *folder) Sweep(ctx context.Context, key string) error {
	return f.do(ctx, key, func(context.Context) error {
		root, err := f.open()
		if err != nil {
			return err
		}
		defer root.Close()
		return sweep(root, key)
	})
}

func sweep(root *os.Root, key string) error {
	dir, err := root.Open(path.Dir(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	names, err := dir.Readdirnames(-1)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // it was empty, and is taken away just now
	}
	err = errors.Join(err, dir.Close())
	for _, name := range names {
		if strings.HasPrefix(name, tempPrefix(key)) && strings.HasSuffix(name, tempSuffix) {
			err = errors.Join(err, root.Remove(path.Join(path.Dir(key), name)))
		}
	}
	return err
}

func (f *folder) Get(ctx context.Context, key string) ([]byte, error) {
	var data []byte
	err := f.do(ctx, key, func(context.Context) error {
		root, err := os.OpenRoot(f.dir)
		if err == nil {
			defer root.Close()
			data, err = root.ReadFile(key)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return publish.ErrNotFound
		}
		return err
	})
	if err != nil {
		return nil, err // and no data, which may still be read
	}
	return data, nil
}

func (f *folder) Delete(ctx context.Context, key string) error {
	return f.do(ctx, key, func(context.Context) error {
		root, err := f.open()
		if err != nil {
			return err
		}
		defer root.Close()
		if err := root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := sweep(root, key); err != nil {
			return err
		}
		if dir := path.Dir(key); dir != "." {
			f.making.Lock()
			defer f.making.Unlock()
			root.Remove(dir) // stays unless it is empty
		}
		return nil
	})
}

func (f *folder) List(context.Context) iter.Seq2[publish.Object, error] {
	return func(yield func(publish.Object, error) bool) {
		stopped := errors.New("stopped")
		err := filepath.WalkDir(f.dir, func(name string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) && name == f.dir {
				return nil
			}
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(f.dir, name)
			if err == nil && !yield(publish.Object{Key: filepath.ToSlash(rel), Size: info.Size()}, nil) {
				return stopped
			}
			return err
		})
		if err != nil && !errors.Is(err, stopped) {
			yield(publish.Object{}, err)
		}
	}
}

func (f *folder) Sync(ctx context.Context) error {
	return f.do(ctx, "", func(context.Context) error {
		err := durable.SyncFS(f.dir)
		if errors.Is(err, fs.ErrNotExist) { // nothing was put there, or it is noticed when the next file is
			return nil
		}
		return err
	})
}
