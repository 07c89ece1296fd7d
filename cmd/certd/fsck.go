package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"laurel/internal/control"
	"laurel/internal/record"
)

// fsck reads every record against its digest. A damaged file can crash its reader, so a child process reads
// it, and the daemon, where one runs, only hands out a copy.
func fsck(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("fsck", "[--data DIR]\n\nReads every record against its digest and checks the file's structure. With the daemon running it checks a\nsnapshot, taken while the daemon goes on. Exit code 1 where a problem is found.")
	child := fs.String("child", "", "`file` to check in this very process; what fsck starts for itself")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	if *child != "" {
		report, err := record.Fsck(*child)
		if err != nil && !errors.Is(err, record.ErrLocked) {
			return err
		}
		return json.NewEncoder(env.stdout).Encode(childReport{report, err != nil})
	}
	s, err := readSettings(*data, settings{})
	if err != nil {
		return err
	}
	return ask(ctx, s,
		func(c *control.Client) error { return checkSnapshot(ctx, env, s, c) },
		func() error { return check(ctx, env, filepath.Join(s.data, "certd.db")) })
}

// childReport is what the child process tells.
type childReport struct {
	record.FsckReport
	Locked bool `json:"locked"` // another process has the file
}

// checkSnapshot checks a copy of the records that the daemon hands out.
func checkSnapshot(ctx context.Context, env *environment, s settings, c *control.Client) error {
	f, err := os.CreateTemp(s.data, "certd.db.fsck-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = c.Snapshot(ctx, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("snapshot of the records: %w", err)
	}
	return check(ctx, env, f.Name())
}

// check has a child process read a file and prints what it found.
func check(ctx context.Context, env *environment, file string) error {
	report, err := readByChild(ctx, file)
	if err != nil {
		return err
	}
	for _, p := range report.Problems {
		fmt.Fprintln(env.stdout, p)
	}
	fmt.Fprintf(env.stdout, "%d records, %d problems\n", report.Records, len(report.Problems))
	if len(report.Problems) > 0 {
		return errSaid
	}
	return nil
}

// readByChild turns whatever ends the child into a finding.
func readByChild(ctx context.Context, file string) (record.FsckReport, error) {
	info, err := os.Stat(file)
	if err != nil {
		return record.FsckReport{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return record.FsckReport{}, err
	}
	// Damage can also make a reader go in circles: a megabyte a second is slower than any disk.
	patience := time.Minute + time.Duration(info.Size()>>20)*time.Second
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(limited, self, "fsck", "--child", file)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	var report childReport
	switch {
	case ctx.Err() != nil:
		return record.FsckReport{}, ctx.Err()
	case limited.Err() != nil:
		report.Problems = append(report.Problems, finding(file, "the reader came to no end within %v: the file's structure is damaged", patience))
	case err == nil:
		if err = json.Unmarshal(stdout.Bytes(), &report); report.Locked {
			err = fmt.Errorf("%s: %w", file, record.ErrLocked)
		}
		return report.FsckReport, err
	case cmd.ProcessState == nil:
		return record.FsckReport{}, fmt.Errorf("starting the reader: %w", err)
	case cmd.ProcessState.ExitCode() == 1:
		return record.FsckReport{}, errors.New(strings.TrimPrefix(strings.TrimSpace(stderr.String()), "certd: "))
	default:
		first, _, _ := strings.Cut(stderr.String(), "\n")
		report.Problems = append(report.Problems, finding(file, "the reader crashed (%s): %s; the file's structure is damaged, restore a backup", err, first))
	}
	return report.FsckReport, nil
}

func finding(file, format string, args ...any) record.Problem {
	return record.Problem{Where: file, Message: fmt.Sprintf(format, args...)}
}
