package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"laurel/internal/control"
	"laurel/internal/durable"
	"laurel/internal/issuer"
	"laurel/internal/record"
)

const restoreHelp = `[--data DIR] [--public DIR] [--adopt DIR] FILE

Puts a backup in the place of the records, which are moved aside and not removed. The seeds and certd.yaml have to be
there. A backup that is older than what was published is refused: writing on from it would make a second log. With
--adopt it takes over from a public tree what was recorded since; without FILE, the records that are there do. What
certificates do not show (recipients' ids and addresses, organisations, occasions, tokens) is lost of those.`

// restore puts a backup in the place of the records.
func restore(ctx context.Context, env *environment, args []string) error {
	var flagged settings
	fs, data := env.flags("restore", restoreHelp)
	fs.StringVar(&flagged.Public, "public", "", "`folder` of the public tree (default: as certd.yaml says, else public)")
	adopt := fs.String("adopt", "", "public tree, or a whole copy of one, `folder` from which what the backup has not is taken over")
	files, err := parse(fs, args, "[FILE]")
	if err != nil {
		return err
	}
	switch {
	case len(files) > 0:
	case *adopt == "":
		return misused("restore: FILE is missing")
	default:
		files = []string{filepath.Join(*data, "certd.db")}
	}
	s, err := readSettings(*data, flagged)
	if err != nil {
		return err
	}
	report, err := sound(ctx, env, files[0])
	if err != nil {
		return err
	}
	if err := nobodyHolds(ctx, s); err != nil {
		return err
	}
	cfg, err := quiet(ctx, env, s)
	if err != nil {
		return err
	}
	var adopted *issuer.Adoption
	aside, err := exchange(files[0], filepath.Join(s.data, "certd.db"), func() (err error) {
		if *adopt != "" {
			if adopted, err = issuer.Adopt(ctx, cfg, *adopt); err != nil {
				return err
			}
		}
		return loads(ctx, cfg)
	})
	if err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
	}
	fmt.Fprintf(env.stdout, "restored %d records from %s\n", report.Records, files[0])
	if adopted != nil {
		tellAdopted(env, adopted)
	}
	if aside != "" {
		fmt.Fprintf(env.stdout, "the records that were there are %s now\n", aside)
	}
	fmt.Fprintf(env.stdout, "start certd serve; if the public tree was lost too, certd export writes it anew\n")
	return nil
}

// nobodyHolds refuses where a daemon, or any other program, has the records.
func nobodyHolds(ctx context.Context, s settings) error {
	c := control.Dial(s.socket())
	defer c.Close()
	if _, err := c.Health(ctx); err == nil {
		return fmt.Errorf("a certd runs on %s; end it first", s.data)
	}
	path := filepath.Join(s.data, "certd.db")
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	db, err := record.OpenBolt(path)
	if errors.Is(err, record.ErrLocked) {
		return err
	}
	if err == nil {
		return db.Close()
	}
	return nil // damaged: that is what backups are for
}

// exchange puts a copy of a file in the place of another, which is moved aside, and back again where check then fails.
func exchange(from, to string, check func() error) (aside string, err error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return "", err
	}
	fresh := to + ".restoring"
	if err := newFile(fresh, func(f *os.File) error {
		in, err := os.Open(from)
		if err != nil {
			return err
		}
		defer in.Close()
		_, err = io.Copy(f, in)
		return errors.Join(err, f.Sync())
	}); err != nil {
		return "", err
	}
	defer os.Remove(fresh)
	if _, err := os.Lstat(to); err == nil {
		aside = to + ".before-" + time.Now().UTC().Format("20060102T150405.000Z")
		if err := os.Rename(to, aside); err != nil {
			return "", err
		}
	}
	if err = os.Rename(fresh, to); err == nil {
		err = check()
	}
	if err != nil {
		back := os.Remove(to)
		if aside != "" {
			back = os.Rename(aside, to)
		}
		return "", errors.Join(err, back, durable.SyncDir(filepath.Dir(to)))
	}
	return aside, durable.SyncDir(filepath.Dir(to))
}

// quiet is the configuration of an issuer that is loaded for a moment only.
func quiet(ctx context.Context, env *environment, s settings) (issuer.Config, error) {
	seeds, err := readSecrets(ctx, s)
	return issuer.Config{
		Signers: seeds.signers(), LogSeed: seeds.log, DataDir: s.data, PublicDir: s.Public, TemplatesDir: s.Templates, FontDirs: s.FontDirs,
		Log: slog.New(slog.NewTextHandler(env.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})), Socket: s.socket(),
	}, err
}

// loads tries whether an issuer can be loaded from what is there: with these seeds, beside this public tree.
func loads(ctx context.Context, cfg issuer.Config) error {
	iss, err := issuer.Load(ctx, cfg)
	if err != nil {
		return err
	}
	return iss.Close()
}

// tellAdopted says what was taken over, and what was lost.
func tellAdopted(env *environment, a *issuer.Adoption) {
	if a.From == a.To {
		fmt.Fprintln(env.stdout, "nothing was missing from the log")
		return
	}
	fmt.Fprintf(env.stdout, "adopted entries %d to %d of the log: %d certificates, %d changes of a status\n", a.From, a.To-1, len(a.Certificates), a.Statements)
	if len(a.Certificates) == 0 {
		return
	}
	fmt.Fprintf(env.stdout, "of these certificates the recipients' ids and addresses, organisations and occasions are lost, and whose request they were; a caller who asks again gets another:\n")
	for _, n := range a.Certificates {
		fmt.Fprintf(env.stdout, "  %s\n", n)
	}
}
