package meter

import (
	"bytes"
	"math"
	"strconv"
	"strings"
)

// ContentType is the media type of a Page: Prometheus' text exposition format 0.0.4.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Page gathers metrics in their text form. Values of one family must follow each other.
type Page struct {
	buf    bytes.Buffer
	family string
}

// Bytes returns the page.
func (p *Page) Bytes() []byte { return p.buf.Bytes() }

func (p *Page) begin(name, kind, help string) {
	if p.family == name {
		return
	}
	p.family = name
	p.buf.WriteString("# HELP " + name + " " + strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(help) + "\n# TYPE " + name + " " + kind + "\n")
}

// Counter writes what only grows. Labels come in pairs.
func (p *Page) Counter(name, help string, value float64, labels ...string) {
	p.begin(name, "counter", help)
	p.line(name, value, labels)
}

// Gauge writes what grows and shrinks.
func (p *Page) Gauge(name, help string, value float64, labels ...string) {
	p.begin(name, "gauge", help)
	p.line(name, value, labels)
}

// Histogram writes a histogram.
func (p *Page) Histogram(name, help string, h *Histogram, labels ...string) {
	p.begin(name, "histogram", help)
	total := uint64(0)
	for i := range h.counts {
		total += h.counts[i].Load()
		bound := math.Inf(1)
		if i < len(h.bounds) {
			bound = h.bounds[i]
		}
		p.line(name+"_bucket", float64(total), append(labels[:len(labels):len(labels)], "le", number(bound)))
	}
	p.line(name+"_sum", math.Float64frombits(h.sum.Load()), labels)
	p.line(name+"_count", float64(total), labels)
}

func (p *Page) line(name string, value float64, labels []string) {
	p.buf.WriteString(name)
	for i := 0; i+1 < len(labels); i += 2 {
		p.buf.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
		p.buf.WriteString(labels[i] + `="` + strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(labels[i+1]) + `"`)
	}
	if len(labels) > 1 {
		p.buf.WriteByte('}')
	}
	p.buf.WriteString(" " + number(value) + "\n")
}

func number(v float64) string {
	if math.IsInf(v, 1) {
		return "+Inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
