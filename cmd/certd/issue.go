package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"laurel/internal/control"
)

// issue has certificates issued, one for each line of a file, and prints their receipts.
func issue(ctx context.Context, env *environment, args []string) error {
	fs, data := env.flags("issue", "[--data DIR] FILE.json|FILE.ndjson|-\n\nA .json file holds one request; any other, and standard input (-), one a line.")
	files, err := parse(fs, args, "FILE")
	if err != nil {
		return err
	}
	s, err := readSettings(*data, settings{})
	if err != nil {
		return err
	}
	requests, name, err := open(files[0], env.stdin)
	if err != nil {
		return err
	}
	defer requests.Close()
	return asDaemon(ctx, env, s, func(c *control.Client) error {
		results, w := io.Pipe()
		go func() { w.CloseWithError(c.Issue(ctx, requests, w)) }()
		defer results.Close()
		return printReceipts(env, name, results)
	})
}

// open returns the requests as lines.
func open(file string, stdin io.Reader) (lines io.ReadCloser, name string, err error) {
	if file == "-" {
		return io.NopCloser(stdin), "standard input", nil
	}
	if !strings.HasSuffix(file, ".json") {
		f, err := os.Open(file)
		if err != nil {
			return nil, file, err
		}
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, file, errors.Join(fmt.Errorf("%s is a folder; give a file of requests", file), f.Close())
		}
		return f, file, nil
	}
	document, err := os.ReadFile(file)
	if err != nil {
		return nil, file, err
	}
	// Of the white space in a document, only line ends have to go: what else is wrong with it, the issuer says.
	line := bytes.ReplaceAll(bytes.ReplaceAll(document, []byte{'\n'}, []byte{' '}), []byte{'\r'}, []byte{' '})
	return io.NopCloser(bytes.NewReader(line)), file, nil
}

// printReceipts prints receipts on stdout and refusals on stderr as the results come.
func printReceipts(env *environment, name string, results io.Reader) error {
	refused := 0
	for dec := json.NewDecoder(results); ; {
		var r struct {
			Line    int
			Receipt json.RawMessage
			Problem *problem
		}
		switch err := dec.Decode(&r); {
		case errors.Is(err, io.EOF) && refused == 0:
			return nil
		case errors.Is(err, io.EOF):
			return errSaid
		case err != nil:
			return err
		}
		if r.Problem != nil {
			refused++
			fmt.Fprintf(env.stderr, "%s:%d: %s\n", name, r.Line, r.Problem)
			continue
		}
		if _, err := env.stdout.Write(append(r.Receipt, '\n')); err != nil {
			return err
		}
	}
}

// problem is a problem document, as far as people read it.
type problem struct {
	Title, Detail string
	Errors        []struct{ Location, Message, Value string }
}

func (p *problem) String() string {
	return p.at(func(location string) string { return location })
}

// at says what was wrong, with other words for where it stands.
func (p *problem) at(place func(location string) string) string {
	var parts []string
	switch {
	case p.Detail != "":
		parts = append(parts, p.Detail)
	case len(p.Errors) == 0:
		parts = append(parts, p.Title)
	}
	for _, e := range p.Errors {
		text := place(e.Location) + " " + e.Message
		if e.Value != "" {
			text += fmt.Sprintf(" (%q)", e.Value)
		}
		parts = append(parts, text)
	}
	return strings.ReplaceAll(strings.Join(parts, "; "), ".; ", ". ")
}
