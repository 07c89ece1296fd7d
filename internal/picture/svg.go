package picture

import (
	"encoding/xml"
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// svg reads the paths of an SVG (SVG 1.1 §8, §9) as figures in a room: path, rect, circle, ellipse, polygon, polyline and
// line, filled or stroked in one colour, in groups that may be moved, scaled and turned. What cannot be shown as it is
// meant is refused, so that a logo never appears as half of itself.
func (r *reader) svg(at ast.Node, data []byte, room box, fit imageFit) ([]figure, error) {
	s := &svgReader{colour: func(c color.RGBA) uint8 {
		return r.variant.palette.solid(c)
	}}
	figures, err := s.read(data)
	if err != nil {
		return nil, err
	}
	r.checkPalette(at)
	to := fit.place(room, s.view.w, s.view.h)
	kx, ky := to.w/s.view.w, to.h/s.view.h
	move := affine{kx, 0, 0, ky, to.x - s.view.x*kx, to.y - s.view.y*ky}
	for i := range figures {
		figures[i].path = move.path(figures[i].path)
		figures[i].width *= math.Sqrt(kx * ky)
	}
	return figures, nil
}

// maxSVG bounds what an SVG may hold.
const (
	maxSVGDepth    = 64
	maxSVGSegments = 200_000
)

type svgReader struct {
	colour   func(color.RGBA) uint8
	view     box
	segments int
	out      []figure
}

// look is how shapes are painted, which groups hand down.
type look struct {
	fill, stroke string
	width        float64
	evenOdd      bool
	move         affine
}

func (s *svgReader) read(data []byte) ([]figure, error) {
	d := xml.NewDecoder(strings.NewReader(string(data)))
	d.Strict = true
	stack := []look{{fill: "#000000", stroke: "none", width: 1, move: affine{1, 0, 0, 1, 0, 0}}}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if len(stack) > maxSVGDepth {
				return nil, errors.New("its groups lie too deep in one another")
			}
			if skipped[t.Name.Local] {
				if err := d.Skip(); err != nil {
					return nil, err
				}
				continue
			}
			l, err := s.element(t, stack[len(stack)-1], len(stack) == 1)
			if err != nil {
				line, _ := d.InputPos()
				return nil, fmt.Errorf("line %d: %w", line, err)
			}
			stack = append(stack, l)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		}
	}
	if s.view.w <= 0 || s.view.h <= 0 {
		return nil, errors.New("no SVG with a viewBox, or a width and a height")
	}
	return s.out, nil
}

// skipped elements show nothing.
var skipped = map[string]bool{"title": true, "desc": true, "metadata": true, "defs": true, "namedview": true}

func (s *svgReader) element(t xml.StartElement, l look, root bool) (look, error) {
	a := map[string]string{}
	for _, at := range t.Attr {
		if at.Name.Local == "style" {
			for decl := range strings.SplitSeq(at.Value, ";") {
				if k, v, ok := strings.Cut(decl, ":"); ok {
					a[strings.TrimSpace(k)] = strings.TrimSpace(v)
				}
			}
			continue
		}
		if at.Name.Space == "" {
			a[at.Name.Local] = strings.TrimSpace(at.Value)
		}
	}
	if root != (t.Name.Local == "svg") {
		return l, fmt.Errorf("<%s> where one <svg> is the outermost element", t.Name.Local)
	}
	if err := l.inherit(a); err != nil {
		return l, err
	}
	switch t.Name.Local {
	case "svg":
		return l, s.size(a)
	case "g":
		return l, nil
	}
	p, err := shapeOf(t.Name.Local, a)
	if err != nil {
		return l, err
	}
	return l, s.add(p, l)
}

// inherit takes over what an element says of its look.
func (l *look) inherit(a map[string]string) error {
	for _, key := range []string{"opacity", "fill-opacity", "stroke-opacity"} {
		if v := a[key]; v != "" && v != "1" && v != "100%" && v != "1.0" {
			return fmt.Errorf("%s %s: a logo here is of solid colours; use a PNG", key, v)
		}
	}
	for _, key := range []string{"filter", "mask", "clip-path", "stroke-dasharray"} {
		if v := a[key]; v != "" && v != "none" {
			return fmt.Errorf("%s is not understood; use a PNG", key)
		}
	}
	for key, to := range map[string]*string{"fill": &l.fill, "stroke": &l.stroke} {
		if v := a[key]; v != "" && v != "inherit" {
			*to = v
		}
	}
	if v := a["stroke-width"]; v != "" {
		n, err := strconv.ParseFloat(strings.TrimSuffix(v, "px"), 64)
		if err != nil {
			return fmt.Errorf("stroke-width %q is no number", v)
		}
		l.width = n
	}
	if v := a["fill-rule"]; v != "" {
		l.evenOdd = v == "evenodd"
	}
	if v := a["transform"]; v != "" {
		m, err := transform(v)
		if err != nil {
			return err
		}
		l.move = l.move.of(m)
	}
	if v := a["display"]; v == "none" {
		l.fill, l.stroke = "none", "none"
	}
	return nil
}

func (s *svgReader) size(a map[string]string) error {
	if v := a["viewBox"]; v != "" {
		n, err := svgNumbers(v)
		if err != nil || len(n) != 4 {
			return fmt.Errorf("viewBox %q: needs four numbers", v)
		}
		s.view = box{n[0], n[1], n[2], n[3]}
		return nil
	}
	for key, to := range map[string]*float64{"width": &s.view.w, "height": &s.view.h} {
		n, err := strconv.ParseFloat(strings.TrimSuffix(a[key], "px"), 64)
		if err != nil {
			return errors.New("<svg> needs a viewBox, or a width and a height in pixels")
		}
		*to = n
	}
	return nil
}

// add takes a path up as figures.
func (s *svgReader) add(p path, l look) error {
	if s.segments += len(p); s.segments > maxSVGSegments {
		return fmt.Errorf("more than %d segments; use a PNG", maxSVGSegments)
	}
	p = l.move.path(p)
	if l.fill != "none" {
		c, err := svgColour(l.fill)
		if err != nil {
			return fmt.Errorf("fill: %w", err)
		}
		s.out = append(s.out, figure{path: p, colour: s.colour(c), evenOdd: l.evenOdd})
	}
	if l.stroke != "none" && l.width > 0 {
		c, err := svgColour(l.stroke)
		if err != nil {
			return fmt.Errorf("stroke: %w", err)
		}
		s.out = append(s.out, figure{path: p, colour: s.colour(c), width: l.width * l.move.scale()})
	}
	return nil
}

func svgColour(v string) (color.RGBA, error) {
	named := map[string]string{"black": "#000000", "white": "#ffffff", "red": "#ff0000", "currentColor": "#000000"}
	if n, ok := named[v]; ok {
		v = n
	}
	if len(v) == 4 && v[0] == '#' {
		v = string([]byte{'#', v[1], v[1], v[2], v[2], v[3], v[3]})
	}
	if rest, ok := strings.CutPrefix(v, "rgb("); ok {
		n, err := svgNumbers(strings.TrimSuffix(rest, ")"))
		if err == nil && len(n) == 3 {
			return color.RGBA{uint8(min(max(n[0], 0), 255)), uint8(min(max(n[1], 0), 255)), uint8(min(max(n[2], 0), 255)), 255}, nil
		}
	}
	c, err := parseColour(v)
	if err != nil {
		return c, fmt.Errorf("%q is no colour; write #RRGGBB", v)
	}
	return c, nil
}

// affine maps (x, y) to (ax + cy + e, bx + dy + f).
type affine struct{ a, b, c, d, e, f float64 }

// of is what first does n, then m.
func (m affine) of(n affine) affine {
	return affine{m.a*n.a + m.c*n.b, m.b*n.a + m.d*n.b, m.a*n.c + m.c*n.d, m.b*n.c + m.d*n.d, m.a*n.e + m.c*n.f + m.e, m.b*n.e + m.d*n.f + m.f}
}

func (m affine) scale() float64 { return math.Sqrt(math.Abs(m.a*m.d - m.b*m.c)) }

func (m affine) path(p path) path {
	out := make(path, len(p))
	for i := range p {
		out[i].op = p[i].op
		for k, q := range p[i].p {
			out[i].p[k] = point{m.a*q.x + m.c*q.y + m.e, m.b*q.x + m.d*q.y + m.f}
		}
	}
	return out
}

// transform reads a list of translate, scale, rotate, skewX, skewY and matrix.
func transform(v string) (affine, error) {
	m := affine{1, 0, 0, 1, 0, 0}
	for rest := strings.TrimLeft(v, " ,\t\n\r"); rest != ""; {
		name, after, ok := strings.Cut(rest, "(")
		args, tail, closed := strings.Cut(after, ")")
		n, err := svgNumbers(args)
		if !ok || !closed || err != nil {
			return m, fmt.Errorf("transform %q is not understood", v)
		}
		one, err := oneTransform(strings.TrimSpace(name), n)
		if err != nil {
			return m, fmt.Errorf("transform %q: %w", v, err)
		}
		m = m.of(one)
		rest = strings.TrimLeft(tail, " ,\t\n\r")
	}
	return m, nil
}

func oneTransform(name string, n []float64) (affine, error) {
	second := func(otherwise float64) float64 {
		if len(n) > 1 {
			return n[1]
		}
		return otherwise
	}
	switch {
	case name == "matrix" && len(n) == 6:
		return affine{n[0], n[1], n[2], n[3], n[4], n[5]}, nil
	case name == "translate" && (len(n) == 1 || len(n) == 2):
		return affine{1, 0, 0, 1, n[0], second(0)}, nil
	case name == "scale" && (len(n) == 1 || len(n) == 2):
		return affine{n[0], 0, 0, second(n[0]), 0, 0}, nil
	case name == "rotate" && (len(n) == 1 || len(n) == 3):
		sin, cos := math.Sincos(n[0] * math.Pi / 180)
		turn := affine{cos, sin, -sin, cos, 0, 0}
		if len(n) == 3 {
			turn = affine{1, 0, 0, 1, n[1], n[2]}.of(turn).of(affine{1, 0, 0, 1, -n[1], -n[2]})
		}
		return turn, nil
	}
	return affine{}, fmt.Errorf("%s is not understood", name)
}
