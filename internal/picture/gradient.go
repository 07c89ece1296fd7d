package picture

import (
	"image/color"

	"github.com/fogleman/gg"

	"laurel/internal/pdf"
)

// gradient goes from one colour to another, along a line.
type gradient struct {
	from, to uint8
	a, b     point
}

// gradient reads `gradient: [x, y, width, height]` with from and to, two colours, and along: down, right or diagonal.
func (r *reader) gradient(f *fields) []figure {
	p := f.numbers("gradient", 4)
	g := &gradient{from: r.colour(f, "from", ""), to: r.colour(f, "to", ""), a: point{p[0], p[1]}, b: point{p[0], p[1] + p[3]}}
	switch t := f.text("along", "down"); t {
	case "down":
	case "right":
		g.b = point{p[0] + p[2], p[1]}
	case "diagonal":
		g.b = point{p[0] + p[2], p[1] + p[3]}
	default:
		r.fail(f.get("along"), "along: %q; have: down, right, diagonal", t)
	}
	steps := r.count(f, "steps", 16)
	if q := r.variant.palette; !q.full && len(q.ramps[[2]uint8{g.from, g.to}]) <= steps && g.from != g.to {
		q.steps(g.from, g.to, steps)
		r.checkPalette(f.at)
	}
	return []figure{{path: rectangle(box{p[0], p[1], p[2], p[3]}, f.number("round", 0)), colour: g.from, shade: g}}
}

// fill makes the gradient what a context fills with.
func (g *gradient) fill(dc *gg.Context, colours []color.RGBA) {
	ax, ay := dc.TransformPoint(g.a.x, g.a.y)
	bx, by := dc.TransformPoint(g.b.x, g.b.y)
	s := gg.NewLinearGradient(ax, ay, bx, by)
	s.AddColorStop(0, colours[g.from])
	s.AddColorStop(1, colours[g.to])
	dc.SetFillStyle(s)
}

// shading is the gradient as a document has it (ISO 32000-1 §8.7.4.5.3).
func (g *gradient) shading(inks []string) []byte {
	var b pdf.Buffer
	b.Raw("<</ShadingType 2/ColorSpace/DeviceRGB/Extend[true true]/Coords[")
	b.Num(g.a.x, g.a.y, g.b.x, g.b.y)
	b.Raw("]/Function<</FunctionType 2/Domain[0 1]/N 1/C0[")
	b.Raw(inks[g.from])
	b.Raw("]/C1[")
	b.Raw(inks[g.to])
	b.Raw("]>>>>")
	return b.B
}
