// Command bench measures the whole issue path over HTTP: a real certd on a fresh data directory, a real
// token, a recorded and answered certificate a request, both proofs and the composed picture included.
//
// Each row is the median of three runs. Beside it stands the rate at which the same disk took single
// 4 KiB appends with fdatasync just before, because that, not the processor's name, tells what a figure
// from another machine means here.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ExitOnError)
	seconds := flags.Int("seconds", 10, "length of each run")
	runs := flags.Int("runs", 3, "runs a row; the median is printed")
	callers := flags.Int("callers", 64, "callers, and connections")
	offered := flags.Int("offered", 2000, "certificates a second offered in the open loop")
	lines := flags.Int("lines", 100_000, "lines of the table that is imported")
	figures := flags.Bool("figures", false, "measure the first row alone, and print it as go test prints a benchmark")
	dir := flags.String("dir", "", "where the data goes; a temporary directory under it is made and removed (default: this directory's disk)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	base := *dir
	if base == "" {
		base = "."
	}
	work, err := os.MkdirTemp(base, "bench-*.tmp")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	work, err = filepath.Abs(work)
	if err != nil {
		return err
	}
	bin, err := buildPrograms(ctx, work)
	if err != nil {
		return err
	}

	length := time.Duration(*seconds) * time.Second
	rows := []struct {
		name string
		load func(context.Context, target) (sample, error)
	}{
		{fmt.Sprintf("%d callers, closed loop", *callers), func(ctx context.Context, t target) (sample, error) {
			return closedLoop(ctx, t, *callers, length)
		}},
		{fmt.Sprintf("%d/s offered over %d connections", *offered, *callers), func(ctx context.Context, t target) (sample, error) {
			return openLoop(ctx, t, *callers, *offered, length)
		}},
	}
	if *figures {
		r, err := measure(ctx, bin, filepath.Join(work, "run"), rows[0].load)
		if err == nil {
			r.figures()
		}
		return err
	}
	fmt.Printf("%-36s %10s %9s %9s %9s %8s %12s %11s\n", "", "issued/s", "p50", "p99", "max", "refused", "unpublished", "fdatasync/s")
	for _, row := range rows {
		results := make([]result, 0, *runs)
		for i := range *runs {
			r, err := measure(ctx, bin, filepath.Join(work, fmt.Sprintf("run%d", i)), row.load)
			if err != nil {
				return fmt.Errorf("%s: %w", row.name, err)
			}
			results = append(results, r)
		}
		median(results).print(row.name)
	}
	if err := crowds(ctx, bin, work, *callers, 5**offered, 2*length); err != nil {
		return err
	}
	return importTable(ctx, bin, filepath.Join(work, "import"), *lines)
}
