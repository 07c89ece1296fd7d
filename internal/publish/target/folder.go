package target

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"

	"laurel/internal/durable"
	"laurel/internal/publish"
)

// folder is a folder of this machine or of a mounted share. It is opened anew for each file, so that one that vanished
// is noticed and one that is mounted again is found; it is made once, by Make.
type folder struct{ dir string }

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
	return folder{abs}, nil
}

func (f folder) Name() string { return f.dir }

func (f folder) Make(context.Context) error {
	if err := os.MkdirAll(f.dir, 0o777); err != nil {
		return fmt.Errorf("target folder: %w", err)
	}
	return nil
}

func (f folder) Put(_ context.Context, key string, data []byte, o publish.Options) error {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return fmt.Errorf("target folder: %w", err)
	}
	defer root.Close()
	if o.Immutable {
		if _, err := root.Lstat(key); err == nil {
			return publish.ErrExists
		}
	}
	var r [10]byte
	rand.Read(r[:])
	temp := path.Join(path.Dir(key), ".laurel-"+hex.EncodeToString(r[:])+".tmp")
	err = write(root, temp, data)
	if errors.Is(err, fs.ErrNotExist) {
		if err = root.MkdirAll(path.Dir(key), 0o777); err == nil {
			err = write(root, temp, data)
		}
	}
	if err == nil {
		err = root.Rename(temp, key)
	}
	if err != nil {
		root.Remove(temp)
		return fmt.Errorf("target folder %s: %w", f.dir, err)
	}
	return nil
}

func write(root *os.Root, name string, data []byte) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Close())
}

func (f folder) Get(_ context.Context, key string) ([]byte, error) {
	root, err := os.OpenRoot(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, publish.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	defer root.Close()
	data, err := root.ReadFile(key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, publish.ErrNotFound
	}
	return data, err
}

func (f folder) Delete(_ context.Context, key string) error {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return fmt.Errorf("target folder: %w", err)
	}
	defer root.Close()
	if err := root.Remove(key); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if dir := path.Dir(key); dir != "." {
		root.Remove(dir) // stays unless it is empty
	}
	return nil
}

func (f folder) List(context.Context) iter.Seq2[publish.Object, error] {
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

func (f folder) Sync(context.Context) error {
	err := durable.SyncFS(f.dir)
	if errors.Is(err, fs.ErrNotExist) { // nothing was put there
		return nil
	}
	return err
}
