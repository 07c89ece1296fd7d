package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// pathLimit is what sockaddr_un takes, less its final zero byte, on the strictest system we build for
// (BSD: 104 bytes, Linux: 108).
const pathLimit = 103

// Listen binds the control socket at path with mode 0600. A socket that nobody answers is left over from a
// crash and replaced; one that is answered is an error, as is any other file of that name. Closing the
// listener leaves the file behind: remove it with os.Remove.
func Listen(path string) (net.Listener, error) {
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("control socket: %w", err)
	case info.Mode().Type() != fs.ModeSocket:
		return nil, fmt.Errorf("control socket %s: a file that is no socket stands there; move it away", path)
	default:
		if conn, err := dial(context.Background(), path); err == nil {
			conn.Close()
			return nil, fmt.Errorf("control socket %s: another certd answers there; end it first", path)
		}
	}
	return bind(path)
}

// bind makes the socket under a name of its own and renames it once only its owner may open it, so that
// there is no moment in which others could.
func bind(path string) (net.Listener, error) {
	own := path + "." + strconv.Itoa(os.Getpid())
	var l *net.UnixListener
	err := reach(own, func(short string) (err error) {
		l, err = net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: short})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("control socket %s: %w", path, err)
	}
	l.SetUnlinkOnClose(false)
	if err := errors.Join(os.Chmod(own, 0o600), os.Rename(own, path)); err != nil {
		_ = os.Remove(own)
		return nil, errors.Join(fmt.Errorf("control socket %s: %w", path, err), l.Close())
	}
	return l, nil
}

func dial(ctx context.Context, path string) (conn net.Conn, err error) {
	d := net.Dialer{Timeout: 5 * time.Second}
	err = reach(path, func(short string) (err error) {
		conn, err = d.DialContext(ctx, "unix", short)
		return err
	})
	return conn, err
}

// reach calls use with a name of path that fits a socket address: path itself, the way to it from the
// working directory, or the way through an open handle of its directory.
func reach(path string, use func(short string) error) error {
	if len(path) <= pathLimit {
		return use(path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, abs); err == nil && len(rel) <= pathLimit {
			return use(rel)
		}
	}
	dir, err := os.Open(filepath.Dir(abs))
	if err != nil {
		return err
	}
	defer dir.Close()
	handle := filepath.Join("/proc/self/fd", strconv.Itoa(int(dir.Fd())))
	short := filepath.Join(handle, filepath.Base(abs))
	if _, err := os.Stat(handle); err != nil || len(short) > pathLimit {
		return fmt.Errorf("the path has %d bytes and a socket takes %d; use a data directory with a shorter path", len(path), pathLimit)
	}
	return use(short)
}
