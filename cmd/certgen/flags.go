package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"laurel/templates"
)

// flags are those of one verb.
type flags struct {
	*flag.FlagSet
	about string // the usage text above the list of flags
}

func newFlags(verb, about string) *flags {
	f := &flags{FlagSet: flag.NewFlagSet(verb, flag.ContinueOnError), about: about}
	f.SetOutput(io.Discard)
	return f
}

// parse reads flags and operands in any order and returns the operands. After help was asked for and printed, done is true.
func (f *flags) parse(args []string, stdout io.Writer) (operands []string, done bool, err error) {
	for {
		if err := f.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				f.print(stdout)
				return nil, true, nil
			}
			return nil, false, &usageError{fmt.Sprintf("%s: %v; certgen %s --help lists the flags", f.Name(), err, f.Name())}
		}
		rest := f.Args()
		if len(rest) == 0 {
			return operands, false, nil
		}
		if cut := len(args) - len(rest); cut > 0 && args[cut-1] == "--" {
			return append(operands, rest...), false, nil
		}
		operands, args = append(operands, rest[0]), rest[1:]
	}
}

// none refuses operands.
func (f *flags) none(args []string, stdout io.Writer) (done bool, err error) {
	operands, done, err := f.parse(args, stdout)
	if err == nil && len(operands) > 0 {
		err = &usageError{fmt.Sprintf("%s: unexpected %q; certgen %s --help says what it takes", f.Name(), operands[0], f.Name())}
	}
	return done, err
}

func (f *flags) print(w io.Writer) {
	fmt.Fprintf(w, "%s\n", f.about)
	f.VisitAll(func(g *flag.Flag) {
		name, text := flag.UnquoteUsage(g)
		fmt.Fprintf(w, "  --%-22s %s", strings.TrimSpace(g.Name+" "+name), text)
		if g.DefValue != "" && g.DefValue != "false" && g.DefValue != "0" {
			fmt.Fprintf(w, " (%s)", g.DefValue)
		}
		fmt.Fprintln(w)
	})
}

// list is a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

// looks are the flags that say what a tree is rendered by.
type looks struct {
	templates string
	fontDirs  list
}

func (l *looks) register(f *flags) {
	f.StringVar(&l.templates, "templates", "", "`DIR` whose files lie over the built-in templates")
	f.Var(&l.fontDirs, "font-dir", "`DIR` with more fonts; may be given several times")
}

func (l *looks) open() (*templates.Set, error) { return templates.Open(l.templates) }
