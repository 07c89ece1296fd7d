package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress shows how far a long job is, how fast it goes and how long it will take: a bar on a terminal, else a line now
// and then. Not safe for concurrent use.
type progress struct {
	w        io.Writer
	what     string
	total    int
	terminal bool
	start    time.Time
	last     time.Time
}

func newProgress(w io.Writer, what string, total int) *progress {
	f, ok := w.(*os.File)
	now := time.Now()
	return &progress{w: w, what: what, total: total, terminal: ok && term.IsTerminal(int(f.Fd())), start: now, last: now}
}

// at shows that n are done, not more often than people can read.
func (p *progress) at(n int) {
	every := 5 * time.Second
	if p.terminal {
		every = 100 * time.Millisecond
	}
	if time.Since(p.last) < every {
		return
	}
	p.last = time.Now()
	if !p.terminal {
		fmt.Fprintf(p.w, "%s: %s\n", p.what, p.text(n, p.last.Sub(p.start)))
		return
	}
	const width = 30
	full := min(width, width*n/max(p.total, 1))
	fmt.Fprintf(p.w, "\r\x1b[K%s [%s%s] %s", p.what, strings.Repeat("#", full), strings.Repeat("·", width-full), p.text(n, p.last.Sub(p.start)))
}

func (p *progress) text(n int, since time.Duration) string {
	rate := float64(n) / max(since.Seconds(), 1e-3)
	text := fmt.Sprintf("%d of %d, %.0f/s", n, p.total, rate)
	if n > 0 && n < p.total {
		left := time.Duration(float64(p.total-n) / rate * float64(time.Second))
		text += fmt.Sprintf(", %v left", max(left, time.Second).Round(time.Second))
	}
	return text
}

// end takes the bar away; what is printed after it stands alone.
func (p *progress) end() {
	if p.terminal {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
