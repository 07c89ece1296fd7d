package picture

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// shapeOf gives the outline of a basic shape (SVG 1.1 §9).
func shapeOf(name string, a map[string]string) (path, error) {
	var fault error
	number := func(key string) float64 {
		v := a[key]
		if v == "" {
			return 0
		}
		n, err := strconv.ParseFloat(strings.TrimSuffix(v, "px"), 64)
		if err != nil {
			fault = fmt.Errorf("<%s> %s=%q is no number", name, key, v)
		}
		return n
	}
	switch name {
	case "path":
		return svgPath(a["d"])
	case "rect":
		r := math.Max(number("rx"), number("ry"))
		return rectangle(box{number("x"), number("y"), number("width"), number("height")}, r), fault
	case "circle":
		return circle(number("cx"), number("cy"), number("r")), fault
	case "ellipse":
		m := affine{number("rx"), 0, 0, number("ry"), number("cx"), number("cy")}
		return m.path(circle(0, 0, 1)), fault
	case "line":
		return points([]point{{number("x1"), number("y1")}, {number("x2"), number("y2")}}, false), fault
	case "polygon", "polyline":
		n, err := svgNumbers(a["points"])
		if err != nil || len(n)%2 != 0 {
			return nil, fmt.Errorf("<%s> points: needs pairs of numbers", name)
		}
		var pts []point
		for i := 0; i < len(n); i += 2 {
			pts = append(pts, point{n[i], n[i+1]})
		}
		return points(pts, name == "polygon"), nil
	}
	return nil, fmt.Errorf("<%s> is not understood; turn it into paths, or use a PNG", name)
}

// svgNumbers reads numbers as SVG writes them, run together where a sign or a second point tells them apart.
func svgNumbers(s string) ([]float64, error) {
	sc := pathScanner{s: s}
	var out []float64
	for sc.space(); sc.at < len(sc.s); sc.space() {
		n, err := sc.number()
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

type pathScanner struct {
	s  string
	at int
}

func (sc *pathScanner) space() {
	for sc.at < len(sc.s) && strings.IndexByte(" ,\t\r\n", sc.s[sc.at]) >= 0 {
		sc.at++
	}
}

func (sc *pathScanner) number() (float64, error) {
	sc.space()
	from, dot, exp := sc.at, false, false
	for ; sc.at < len(sc.s); sc.at++ {
		c := sc.s[sc.at]
		switch {
		case c >= '0' && c <= '9':
		case (c == '-' || c == '+') && (sc.at == from || sc.s[sc.at-1]|0x20 == 'e'):
		case c == '.' && !dot && !exp:
			dot = true
		case c|0x20 == 'e' && !exp && sc.at > from:
			exp = true
		default:
			goto end
		}
	}
end:
	n, err := strconv.ParseFloat(sc.s[from:sc.at], 64)
	if err != nil || math.Abs(n) > 1e6 {
		return 0, fmt.Errorf("a number is missing at byte %d", from)
	}
	return n, nil
}

// flag is 0 or 1 of an arc, which may stand without a space after it.
func (sc *pathScanner) flag() (float64, error) {
	sc.space()
	if sc.at < len(sc.s) && (sc.s[sc.at] == '0' || sc.s[sc.at] == '1') {
		sc.at++
		return float64(sc.s[sc.at-1] - '0'), nil
	}
	return 0, fmt.Errorf("an arc's flag is missing at byte %d", sc.at)
}

// pen writes a path by SVG's commands.
type pen struct {
	out        path
	x, y       float64 // the current point
	startX     float64
	startY     float64
	controlX   float64 // of the curve before, for S and T
	controlY   float64
	before     byte
	relX, relY float64 // added to coordinates
}

// operands is the number of numbers of a command.
var operands = map[byte]int{'M': 2, 'L': 2, 'H': 1, 'V': 1, 'C': 6, 'S': 4, 'Q': 4, 'T': 2, 'A': 7, 'Z': 0}

// svgPath reads path data (SVG 1.1 §8.3).
func svgPath(d string) (path, error) {
	sc := pathScanner{s: d}
	p := &pen{}
	command := byte(0)
	for sc.space(); sc.at < len(sc.s); sc.space() {
		if c := sc.s[sc.at]; c|0x20 >= 'a' && c|0x20 <= 'z' {
			command = c
			sc.at++
		} else if command == 0 || command|0x20 == 'z' {
			return nil, fmt.Errorf("path data without a command at byte %d", sc.at)
		}
		upper := command &^ 0x20
		n, ok := operands[upper]
		if !ok || len(p.out) == 0 && upper != 'M' {
			return nil, fmt.Errorf("path command %q at byte %d", command, sc.at)
		}
		var v [7]float64
		for i := range n {
			read := sc.number
			if upper == 'A' && (i == 3 || i == 4) {
				read = sc.flag
			}
			var err error
			if v[i], err = read(); err != nil {
				return nil, fmt.Errorf("path data: %w", err)
			}
		}
		p.relX, p.relY = 0, 0
		if command >= 'a' {
			p.relX, p.relY = p.x, p.y
		}
		p.command(upper, v)
		if len(p.out) > maxSVGSegments {
			return nil, fmt.Errorf("more than %d segments", maxSVGSegments)
		}
		if upper == 'M' { // further pairs are lines
			command -= 'M' - 'L'
		}
	}
	return p.out, nil
}

func (p *pen) command(c byte, v [7]float64) {
	at := func(i int) point { return point{v[i] + p.relX, v[i+1] + p.relY} }
	reflected := func(curves string) point {
		if strings.IndexByte(curves, p.before) >= 0 {
			return point{2*p.x - p.controlX, 2*p.y - p.controlY}
		}
		return point{p.x, p.y}
	}
	switch c {
	case 'M':
		q := at(0)
		p.out.move(q.x, q.y)
		p.x, p.y, p.startX, p.startY = q.x, q.y, q.x, q.y
	case 'L':
		p.lineTo(at(0))
	case 'H':
		p.lineTo(point{v[0] + p.relX, p.y})
	case 'V':
		p.lineTo(point{p.x, v[0] + p.relY})
	case 'C':
		p.cubicTo(at(0), at(2), at(4))
	case 'S':
		p.cubicTo(reflected("CS"), at(0), at(2))
	case 'Q':
		p.quadTo(at(0), at(2))
	case 'T':
		p.quadTo(reflected("QT"), at(0))
	case 'A':
		p.arcTo(v, at(5))
	case 'Z':
		p.out.close()
		p.x, p.y = p.startX, p.startY
	}
	p.before = c
}

func (p *pen) lineTo(q point) {
	p.out.line(q.x, q.y)
	p.x, p.y = q.x, q.y
}

func (p *pen) cubicTo(a, b, q point) {
	p.out.cubic(a, b, q)
	p.x, p.y, p.controlX, p.controlY = q.x, q.y, b.x, b.y
}

func (p *pen) quadTo(a, q point) {
	third := func(end point) point { return point{end.x + (a.x-end.x)*2/3, end.y + (a.y-end.y)*2/3} }
	p.cubicTo(third(point{p.x, p.y}), third(q), q)
	p.controlX, p.controlY = a.x, a.y
}

// arcTo writes an arc of an ellipse as cubics (SVG 1.1 §F.6).
func (p *pen) arcTo(v [7]float64, q point) {
	rx, ry := math.Abs(v[0]), math.Abs(v[1])
	if rx == 0 || ry == 0 || q == (point{p.x, p.y}) {
		p.lineTo(q)
		return
	}
	sin, cos := math.Sincos(v[2] * math.Pi / 180)
	dx, dy := (p.x-q.x)/2, (p.y-q.y)/2
	x, y := cos*dx+sin*dy, cos*dy-sin*dx
	if k := x*x/(rx*rx) + y*y/(ry*ry); k > 1 {
		rx, ry = rx*math.Sqrt(k), ry*math.Sqrt(k)
	}
	root := math.Sqrt(math.Max(0, (rx*rx*ry*ry-rx*rx*y*y-ry*ry*x*x)/(rx*rx*y*y+ry*ry*x*x)))
	if v[3] == v[4] {
		root = -root
	}
	cx, cy := root*rx*y/ry, -root*ry*x/rx
	from, to := math.Atan2((y-cy)/ry, (x-cx)/rx), math.Atan2((-y-cy)/ry, (-x-cx)/rx)
	switch sweep := to - from; {
	case v[4] == 0 && sweep > 0:
		to -= tau
	case v[4] != 0 && sweep < 0:
		to += tau
	}
	m := affine{cos * rx, sin * rx, -sin * ry, cos * ry, cos*cx - sin*cy + (p.x+q.x)/2, sin*cx + cos*cy + (p.y+q.y)/2}
	n := int(math.Ceil(math.Abs(to-from) / (tau / 4) * .999999))
	n = max(n, 1)
	step := (to - from) / float64(n)
	k := 4.0 / 3 * math.Tan(step/4)
	for i := range n {
		a, b := from+float64(i)*step, from+float64(i+1)*step
		arc := path{{op: cubicTo, p: [3]point{
			{math.Cos(a) - k*math.Sin(a), math.Sin(a) + k*math.Cos(a)}, {math.Cos(b) + k*math.Sin(b), math.Sin(b) - k*math.Cos(b)}, {math.Cos(b), math.Sin(b)}}}}
		c := m.path(arc)[0].p
		if i == n-1 {
			c[2] = q
		}
		p.cubicTo(c[0], c[1], c[2])
	}
}
