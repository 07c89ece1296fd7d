package publish

import (
	"context"
	"fmt"
	"strings"
)

// Host is what a kind of host takes, as it says itself. 0 is no limit.
type Host struct {
	Name        string
	Files       int // in all
	FilesAdvice string
	Folder      int   // entries of one folder
	FileSize    int64 // bytes
	Total       int64 // bytes
}

const mib = 1 << 20

// hosts are known by these names. Sources: the hosts' own pages on limits, 2026.
func hosts() []Host {
	return []Host{
		{Name: "cloudflare-pages", Files: 20_000, FileSize: 25 * mib, FilesAdvice: "a paid plan takes 100,000"},
		{Name: "netlify", Folder: 54_000},
		{Name: "github-pages", FileSize: 100 * mib, Total: 1024 * mib},
		{Name: "s3", FileSize: 5 * 1024 * mib},
		{Name: "none"},
	}
}

// HostNames are the names that HostByName knows, for people.
func HostNames() string {
	var names []string
	for _, h := range hosts() {
		names = append(names, h.Name)
	}
	return strings.Join(names, ", ")
}

// HostByName returns what is known of a kind of host.
func HostByName(name string) (Host, error) {
	for _, h := range hosts() {
		if h.Name == name {
			return h, nil
		}
	}
	return Host{}, fmt.Errorf("unknown host %q; known are %s", name, HostNames())
}

// Usage is how large a tree is, for Host.Check.
type Usage struct {
	Files      int
	Bytes      int64
	Largest    File
	Folder     int // entries of the folder with most
	FolderName string
}

// Measure goes through all public files of a tree.
func Measure(ctx context.Context, t Tree) (Usage, error) {
	files, _, err := t.common()
	if err != nil {
		return Usage{}, err
	}
	u := Usage{}
	folders := map[string]int{}
	for _, f := range files {
		u.add(f)
		folders[f.Path[:strings.LastIndexByte(f.Path, '/')+1]]++
	}
	units, err := t.units()
	if err != nil {
		return u, err
	}
	folders[t.Units+"/"] = len(units)
	for _, unit := range units {
		if err := ctx.Err(); err != nil {
			return u, err
		}
		files, err := t.unit(unit)
		if err != nil {
			return u, err
		}
		for _, f := range files {
			u.add(f)
		}
	}
	for name, n := range folders {
		if n > u.Folder {
			u.Folder, u.FolderName = n, name
		}
	}
	return u, nil
}

func (u *Usage) add(f File) {
	u.Files++
	u.Bytes += f.Size
	if f.Size > u.Largest.Size {
		u.Largest = f
	}
}

const instead = "Publish to an object store behind a CDN instead (--to s3://…), or write fewer files for each certificate"

// Check says whether the host takes a tree of this size; the error is ErrLimit with the numbers and a way out.
func (h Host) Check(u Usage) error {
	advice := instead
	if h.FilesAdvice != "" {
		advice = h.FilesAdvice + ". " + instead
	}
	switch {
	case h.Files > 0 && u.Files > h.Files:
		return fmt.Errorf("%s takes %d files and the tree has %d: %w; %s", h.Name, h.Files, u.Files, ErrLimit, advice)
	case h.Folder > 0 && u.Folder > h.Folder:
		return fmt.Errorf("%s takes %d entries in a folder and %s has %d: %w; %s", h.Name, h.Folder, u.FolderName, u.Folder, ErrLimit, advice)
	case h.Total > 0 && u.Bytes > h.Total:
		return fmt.Errorf("%s takes %d MB and the tree has %d MB: %w; %s", h.Name, h.Total/mib, (u.Bytes+mib-1)/mib, ErrLimit, advice)
	case h.FileSize > 0 && u.Largest.Size > h.FileSize:
		return fmt.Errorf("%s takes files of %d bytes and %s has %d: %w; %s", h.Name, h.FileSize, u.Largest.Path, u.Largest.Size, ErrLimit, instead)
	}
	return nil
}
