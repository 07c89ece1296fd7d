package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress shows how far a long job is, how fast it goes and how long its stage will take: a bar on a terminal, else a
// line every few seconds, or a JSON object a second. Not safe for concurrent use.
type progress struct {
	w     io.Writer
	style progressStyle

	stage string
	since time.Time // when the stage began
	from  int       // how many were done when it was first shown
	last  time.Time
	shown bool
}

// progressStyle is for whom progress is shown.
type progressStyle int

const (
	forNobody progressStyle = iota
	forPeople
	forPrograms
	forTerminals
)

// newProgress shows progress on stderr, for programs on stdout, each of whose lines is JSON then.
func newProgress(stdout, stderr io.Writer, quiet, json bool) *progress {
	now := time.Now()
	p := &progress{w: stderr, style: forPeople, since: now, last: now}
	f, ok := stderr.(*os.File)
	switch {
	case json:
		p.w, p.style = stdout, forPrograms
	case quiet:
		p.style = forNobody
	case ok && term.IsTerminal(int(f.Fd())):
		p.style = forTerminals
	}
	return p
}

// every is how often people, or programs, can read.
func (s progressStyle) every() time.Duration {
	switch s {
	case forTerminals:
		return 100 * time.Millisecond
	case forPrograms:
		return time.Second
	}
	return 5 * time.Second
}

// at shows that n of total things of a stage are done; a total of 0 is not known.
func (p *progress) at(stage string, n, total int) {
	now := time.Now()
	if stage != p.stage {
		p.stage, p.since, p.from = stage, now, n
	}
	if p.style == forNobody || now.Sub(p.last) < p.style.every() {
		return
	}
	p.last, p.shown = now, true
	rate := float64(n-p.from) / max(now.Sub(p.since).Seconds(), 1e-3)
	left := 0.0
	if rate > 0 && n < total {
		left = max(float64(total-n)/rate, 1)
	}
	switch p.style {
	case forPrograms:
		_ = json.NewEncoder(p.w).Encode(map[string]any{"stage": stage, "done": n, "total": total, "per_second": int(rate), "seconds_left": int(left)})
	case forPeople:
		fmt.Fprintf(p.w, "%s\n", progressText(stage, n, total, rate, left))
	default:
		bar := ""
		if total > 0 {
			const width = 30
			full := min(width, width*n/total)
			bar = "[" + strings.Repeat("#", full) + strings.Repeat("·", width-full) + "] "
		}
		fmt.Fprintf(p.w, "\r\x1b[K%s%s", bar, progressText(stage, n, total, rate, left))
	}
}

func progressText(stage string, n, total int, rate, left float64) string {
	text := stage
	if total > 0 {
		text += fmt.Sprintf(": %d of %d", n, total)
	} else if n > 0 {
		text += fmt.Sprintf(": %d", n)
	}
	if n > 0 {
		text += fmt.Sprintf(", %.0f/s", rate)
	}
	if left > 0 {
		text += fmt.Sprintf(", %v left", time.Duration(left*float64(time.Second)).Round(time.Second))
	}
	return text
}

// end takes the bar away; what is printed after it stands alone.
func (p *progress) end() {
	if p.shown && p.style == forTerminals {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
