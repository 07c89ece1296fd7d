// Command scale measures what the generator costs as a tree grows: a first build, one with nothing to do and one after
// an edit of a template's text, at several sizes, beside copying the finished files; and with --add-one what one more
// certificate costs in a daemon that holds that many, or with --edit what an edit does there while it issues.
//
//	go run ./bench/scale --certificates 10000,100000
//	go run ./bench/scale --certificates 1000000 --files none
//	go run ./bench/scale --certificates 100,10000,100000 --add-one
//	go run ./bench/scale --certificates 100000 --edit
//
// Beside the time stands the processor's, because a machine is rarely idle.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

// workshop is where programs and trees of a run lie.
type workshop struct {
	dir   string
	files string // which files certificates have

	noCopy  bool
	figures bool // as go test prints a benchmark, for programs
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("scale", flag.ExitOnError)
	sizes := flags.String("certificates", "10000,100000", "how many, a `LIST`")
	files := flags.String("files", "", "which files certificates have besides page and credential: a `LIST`, or none (default: all)")
	noCopy := flags.Bool("no-copy", false, "leave the copy of the finished files out")
	addOne := flags.Bool("add-one", false, "measure one more certificate instead")
	edit := flags.Bool("edit", false, "measure an edit of a template in a daemon instead, while it issues")
	figures := flags.Bool("figures", false, "print build and copy, or one more certificate, as go test prints a benchmark, and nothing else")
	dir := flags.String("dir", ".", "where the data goes; a temporary directory under it is made and removed")
	if err := flags.Parse(args); err != nil {
		return err
	}
	work, err := os.MkdirTemp(*dir, "bench-*.tmp")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if work, err = filepath.Abs(work); err != nil {
		return err
	}
	w := &workshop{dir: work, files: *files, noCopy: *noCopy, figures: *figures}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", work+"/", "./cmd/certgen", "./cmd/certd", "./bench/tree").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	var list []int
	for text := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("--certificates %q; give numbers, as 10000,100000", *sizes)
		}
		list = append(list, n)
	}
	if *addOne {
		return w.addOne(ctx, list)
	}
	one := w.generate
	if *edit {
		one = w.edit
	}
	for _, n := range list {
		if err := one(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

func (w *workshop) program(name string) string { return filepath.Join(w.dir, name) }
