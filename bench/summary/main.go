// Command summary prints one table of what Laurel costs, each row beside something of the same run that it can be held
// against: what carries over to another machine is the ratio. It measures nothing itself; the benchmarks of the rooms,
// bench, bench/scale and a test of interop do, one after the other.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "summary:", err)
		os.Exit(1)
	}
}

// source is a program that prints figures.
type source struct {
	what string
	dir  string // where it runs
	args []string
	env  []string
	// mayLack says that the machine may lack what it needs: its rows are left out then.
	mayLack bool
}

func sources() []source {
	return []source{
		{what: "pictures, and the same by gg alone", args: []string{"go", "test", "-run", "^$", "-bench", "^Benchmark(PNG|Plain)$", "-cpu", "1", "./internal/picture"}},
		{what: "all of a certificate", args: []string{"go", "test", "-run", "^$", "-bench", "^BenchmarkCertificate$", "-cpu", "1", "./site"}},
		{what: "a build, and copying the finished files", args: []string{"go", "run", "./bench/scale", "--figures", "--certificates", "1000"}},
		{what: "one more certificate", args: []string{"go", "run", "./bench/scale", "--figures", "--add-one", "--certificates", "100,10000"}},
		{what: "issuing, and raw fsync", args: []string{"go", "run", "./bench", "--figures"}},
		{what: "visits in Chromium", dir: "interop", env: []string{"LAUREL_VISITS=20"}, mayLack: true,
			args: []string{"go", "test", "-count=1", "-v", "-run", "^TestEveryVisitEndsInTheSameVerdictAndItsTimeIsTold$", "."}},
	}
}

func run(ctx context.Context, stdout, stderr io.Writer) error {
	all := figures{}
	for _, s := range sources() {
		start := time.Now()
		out, err := s.run(ctx, stderr)
		if err != nil && !s.mayLack {
			return fmt.Errorf("%s: %w\n%s", strings.Join(s.args, " "), err, out)
		}
		if err != nil {
			fmt.Fprintf(stderr, "%s: %v\n%s", s.what, err, out)
		}
		all.read(string(out))
		fmt.Fprintf(stderr, "%s: %.0f s\n", s.what, time.Since(start).Seconds())
	}
	return table(stdout, all)
}

func (s source) run(ctx context.Context, stderr io.Writer) ([]byte, error) {
	cmd := exec.CommandContext(ctx, s.args[0], s.args[1:]...)
	cmd.Dir, cmd.Stderr = s.dir, stderr
	cmd.Env = append(os.Environ(), s.env...)
	return cmd.Output()
}
