package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"laurel/internal/control"
	"laurel/internal/table"
)

const importHelp = `[--data DIR] FILE.csv|FILE.ndjson [--set FIELD=VALUE]… [--map HEADING=FIELD]… [--dry-run] [--skip-bad] [--results FILE]

Issues a certificate for each line of a table. First it checks every line and names each that is bad; nothing is issued
while one is, unless --skip-bad leaves those out. Interrupt it as you like and run it again: what was issued is not
issued twice. FILE.results.csv says what became of each line.`

// importFile issues a certificate for each line of a file.
func importFile(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("import", importHelp)
	var maps, sets list
	fs.Var(&maps, "map", "`HEADING=FIELD`: what a column holds, where its heading does not say so; FIELD - passes it over; can be repeated")
	fs.Var(&sets, "set", "`FIELD=VALUE` for every line, as template=course; can be repeated")
	dry := fs.Bool("dry-run", false, "check every line and issue nothing")
	skip := fs.Bool("skip-bad", false, "issue the good lines though others are bad")
	out := fs.String("results", "", "`file` for what became of each line (default: FILE.results.csv)")
	files, err := parse(fs, args, "FILE")
	if err != nil {
		return err
	}
	s, err := readSettings(*data, settings{})
	if err != nil {
		return err
	}
	file := files[0]
	t, err := table.Open(file, func() (io.ReadCloser, error) { return os.Open(file) }, maps, sets)
	if errors.Is(err, table.ErrOption) {
		return misused("import: %v", err)
	}
	if err != nil {
		return err
	}
	before, err := os.Stat(file)
	if err != nil {
		return err
	}
	return asDaemonFor(ctx, env, s, func(c *control.Client) error {
		i := &importer{env: env, client: c, file: file, table: t, bad: map[int]string{}}
		checked, err := i.check(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintln(env.stdout, checked)
		switch {
		case *dry && checked.bad > 0, checked.bad > 0 && !*skip:
			if !*dry {
				fmt.Fprintln(env.stderr, "certd: nothing was issued; mend the lines above, or leave them out with --skip-bad")
			}
			return errSaid
		case *dry:
			return nil
		}
		if after, err := os.Stat(file); err != nil || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
			return errors.Join(fmt.Errorf("%s changed while it was being checked; nothing was issued, run the command again", file), err)
		}
		return i.issue(ctx, first(*out, file+".results.csv"), checked.lines-checked.bad)
	})
}

// importer takes one table through the daemon: once to check it, once to issue it.
type importer struct {
	env    *environment
	client *control.Client
	file   string
	table  *table.Table
	bad    map[int]string // lines that are left out, and why
}

// checkedTable counts what a check found.
type checkedTable struct{ lines, bad, before int }

// String says it in one line.
func (c checkedTable) String() string {
	return fmt.Sprintf("%d lines: %d to issue, %d issued before, %d bad", c.lines, c.lines-c.before-c.bad, c.before, c.bad)
}

// check has every line checked, and prints what is wrong with those that are bad.
func (i *importer) check(ctx context.Context) (checkedTable, error) {
	var c checkedTable
	show := newProgress(i.env.stderr, "checking", i.count())
	seen := table.NewTwins()
	say := func(line int, message string) {
		show.end()
		c.bad++
		i.bad[line] = message
		fmt.Fprintf(i.env.stderr, "%s:%d: %s\n", i.file, line, message)
	}
	err := i.send(ctx, i.client.Check, seen.Differs, func(r lineResult) error {
		c.lines++
		show.at(c.lines)
		switch {
		case r.problem != "":
			say(r.line, r.problem)
		case r.status == 200 || r.twin:
			c.before++
		}
		return nil
	})
	show.end()
	if err == nil && ctx.Err() != nil {
		err = fmt.Errorf("ended while the lines were being checked: %w", ctx.Err())
	}
	return c, err
}

// issue has the good lines issued.
func (i *importer) issue(ctx context.Context, path string, total int) error {
	out, err := createResults(path)
	if err != nil {
		return err
	}
	show := newProgress(i.env.stderr, "issuing", total)
	done, issued, before, refused := 0, 0, 0, 0
	err = i.send(ctx, i.client.Issue, nil, func(r lineResult) error {
		if why, bad := i.bad[r.line]; bad {
			return out.add(r.line, "bad", nil, why)
		}
		done++
		show.at(done)
		switch {
		case r.problem != "":
			refused++
			show.end()
			fmt.Fprintf(i.env.stderr, "%s:%d: %s\n", i.file, r.line, r.problem)
			return out.add(r.line, "refused", nil, r.problem)
		case r.status == 201:
			issued++
			return out.add(r.line, "issued", r.receipt, "")
		}
		before++
		return out.add(r.line, "issued before", r.receipt, "")
	})
	show.end()
	err = errors.Join(err, out.close())
	took := time.Since(show.start)
	fmt.Fprintf(i.env.stdout, "issued %d, issued before %d, refused %d, in %.1f s (%.0f/s); the numbers are in %s\n", issued, before, refused, took.Seconds(), float64(done)/max(took.Seconds(), 1e-3), path)
	switch {
	case err != nil:
		return err
	case done < total:
		return fmt.Errorf("ended after %d of %d lines; run the same command again, nothing is issued twice", done, total)
	case refused > 0:
		return errSaid
	}
	return nil
}

// lineResult is what was said of one line.
type lineResult struct {
	line    int
	status  int
	receipt json.RawMessage
	problem string // "" where it is good
	twin    bool   // the same request as an earlier line
}

// sent is a line on its way: what was wrong with it before it was sent, or nothing.
type sent struct {
	line    int
	problem string
	twin    bool
}

// send puts the lines before the daemon and hands over what it says of each, in order. When ctx ends, no more lines are
// sent; those on their way are answered still. look may refuse a line before it is sent.
func (i *importer) send(ctx context.Context, to func(context.Context, io.Reader, io.Writer) error, look func(table.Row) (twin bool, problem string), each func(lineResult) error) error {
	live, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	requests, in := io.Pipe()
	defer requests.Close()
	out, answers := io.Pipe()
	defer out.Close()
	order := make(chan sent, 1024)
	go func() {
		defer close(order)
		in.CloseWithError(i.write(ctx, live, in, look, order))
	}()
	go func() { answers.CloseWithError(to(live, requests, answers)) }()
	dec := json.NewDecoder(bufio.NewReaderSize(out, 1<<16))
	for s := range order {
		if s.problem != "" || i.bad[s.line] != "" {
			if err := each(lineResult{line: s.line, problem: s.problem}); err != nil {
				return err
			}
			continue
		}
		var said struct {
			Status  int
			Receipt json.RawMessage
			Problem *problem
		}
		if err := dec.Decode(&said); err != nil {
			return err
		}
		r := lineResult{line: s.line, status: said.Status, receipt: said.Receipt, twin: s.twin}
		if said.Problem != nil {
			r.problem = said.Problem.at(i.table.Place)
		}
		if err := each(r); err != nil {
			return err
		}
	}
	_, err := io.Copy(io.Discard, out) // why the daemon stopped, if it did
	return err
}

// write writes the lines that are to be asked about, and says in order which lines there are.
func (i *importer) write(ctx, live context.Context, in io.Writer, look func(table.Row) (bool, string), order chan<- sent) error {
	w := bufio.NewWriterSize(in, 1<<15)
	for r, err := range i.table.Rows() {
		if ctx.Err() != nil {
			break
		}
		s := sent{line: r.Line}
		if bad, ok := errors.AsType[*table.RowError](err); ok {
			s = sent{line: bad.Line, problem: bad.Message}
		} else if err != nil {
			return err
		} else if look != nil {
			s.twin, s.problem = look(r)
		}
		if s.problem == "" && i.bad[s.line] == "" {
			// In two writes: the request itself belongs to the iteration.
			if _, err := w.Write(r.Request); err != nil {
				return err
			}
			if err := w.WriteByte('\n'); err != nil {
				return err
			}
		}
		if len(order) == cap(order) || w.Buffered() > 1<<14 {
			if err := w.Flush(); err != nil {
				return err
			}
		}
		select {
		case order <- s:
		case <-live.Done():
			return live.Err()
		}
	}
	return w.Flush()
}

// count counts the lines, for the progress alone.
func (i *importer) count() (n int) {
	for range i.table.Rows() {
		n++
	}
	return n
}
