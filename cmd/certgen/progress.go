package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress shows how far a long job is: a bar on a terminal, else a line every few seconds. Not safe for concurrent use.
type progress struct {
	w        io.Writer
	what     string
	total    int // 0: not known
	terminal bool
	quiet    bool
	last     time.Time
	shown    bool
}

func newProgress(w io.Writer, what string, total int, quiet bool) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, what: what, total: total, quiet: quiet, terminal: ok && term.IsTerminal(int(f.Fd())), last: time.Now()}
}

// at shows that n are done, not more often than people can read.
func (p *progress) at(n int) {
	every := 5 * time.Second
	if p.terminal {
		every = 100 * time.Millisecond
	}
	if p.quiet || time.Since(p.last) < every {
		return
	}
	p.last, p.shown = time.Now(), true
	switch {
	case !p.terminal && p.total > 0:
		fmt.Fprintf(p.w, "%d of %d %s\n", n, p.total, p.what)
	case !p.terminal:
		fmt.Fprintf(p.w, "%d %s\n", n, p.what)
	case p.total > 0:
		const width = 40
		full := min(width, width*n/p.total)
		fmt.Fprintf(p.w, "\r\x1b[K[%s%s] %d of %d %s", strings.Repeat("#", full), strings.Repeat("·", width-full), n, p.total, p.what)
	default:
		fmt.Fprintf(p.w, "\r\x1b[K%d %s", n, p.what)
	}
}

// end takes the bar away; what is printed after it stands alone.
func (p *progress) end() {
	if p.shown && p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
