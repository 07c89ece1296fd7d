package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"laurel/internal/control"
	"laurel/internal/durable"
	"laurel/internal/record"
)

const backupHelp = `[--data DIR] FILE

Writes a copy of the records, as of one moment, while the daemon goes on; reads all of it back against its digests, and
only then gives it its name. The seeds are not in it: keep them elsewhere, for whoever has both can issue in this name.`

// backup copies the records into a file that has been checked.
func backup(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("backup", backupHelp)
	files, err := parse(fs, args, "FILE")
	if err != nil {
		return err
	}
	s, err := readSettings(*data, settings{})
	if err != nil {
		return err
	}
	file := files[0]
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s is there already; a backup overwrites nothing", file)
	}
	var report record.FsckReport
	err = newFile(file, func(f *os.File) error {
		err := ask(ctx, s,
			func(c *control.Client) error { return c.Snapshot(ctx, f) },
			func() error { return copyRecords(filepath.Join(s.data, "certd.db"), f) })
		if err == nil {
			err = f.Sync()
		}
		if err == nil {
			report, err = sound(ctx, env, f.Name())
		}
		return err
	})
	if err == nil {
		fmt.Fprintf(env.stdout, "%s: %d records, 0 problems\n", file, report.Records)
	}
	return err
}

// newFile makes a file, mode 0600, that has its name only once fill has succeeded and it is on the disk.
func newFile(path string, fill func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // not there any more where all went well
	err = fill(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(path))
}

// copyRecords copies records that no daemon holds.
func copyRecords(path string, w io.Writer) error {
	db, err := record.OpenBolt(path)
	if err != nil {
		return err
	}
	_, err = db.WriteTo(w)
	return errors.Join(err, db.Close())
}

// sound reads records against their digests, and prints what is wrong with them.
func sound(ctx context.Context, env *environment, file string) (record.FsckReport, error) {
	report, err := readByChild(ctx, file)
	if err != nil {
		return report, err
	}
	for _, p := range report.Problems {
		fmt.Fprintln(env.stderr, p)
	}
	if len(report.Problems) > 0 {
		return report, errors.New("the records are damaged, so no copy of them is kept or taken")
	}
	return report, nil
}
