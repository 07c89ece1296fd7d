package picture

import (
	"fmt"
	"image"
	"math"
	"strings"
)

// branch shows a number as a sprig of leaves, two columns of square cells filled upwards, one symbol a cell, so that
// every certificate has a look of its own. It is a look and proves nothing.
type branch struct {
	index   int
	x, y, m float64
	symbols template
	cells   [8][3]uint8 // by the symbol's lower three bits: ground, first half, second half; bit 3 swaps the halves
}

// crockford are the symbols of base 32, without I, L, O and U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const branchCells = 16

func (r *reader) branch(f *fields) *branch {
	p := f.numbers("branch", 3)
	e := &branch{index: len(r.variant.elements), x: p[0], y: p[1], m: p[2], symbols: r.template(f.get("symbols"), false)}
	items, ok := listOf(f.get("cells"))
	if !ok || len(items) != len(e.cells) {
		r.fail(f.at, "branch: cells needs %d lists of three colours: ground, first half, second half", len(e.cells))
		return e
	}
	for i, it := range items {
		parts, ok := listOf(r.pick(it))
		if !ok || len(parts) != 3 {
			r.fail(it, "branch: a cell has three colours: ground, first half, second half")
			continue
		}
		for k, c := range parts {
			e.cells[i][k] = r.colourNamed(r.pick(c))
		}
	}
	return e
}

func (e *branch) needs() []string { return e.symbols.needs() }

func (e *branch) measure(*composer) error { return nil }

func (e *branch) place(c *composer) error {
	text, err := e.symbols.fill(c.values)
	if err != nil || text == "" {
		return err
	}
	i := 0
	for _, ch := range text {
		if ch == '-' {
			continue
		}
		v := strings.IndexRune(crockford, ch)
		if v < 0 || i >= branchCells {
			return fmt.Errorf("value %s: %q is not %d symbols of %s", e.symbols.name(), text, branchCells, crockford)
		}
		right, row := i&1, branchCells/2-1-i>>1
		c.items = append(c.items, item{kind: itemStamp, stamp: &stamp{
			key:    stampKey{variant: c.variant, element: e.index, a: crockford[v : v+1], b: [2]string{"left", "right"}[right]},
			bounds: image.Rect(0, 0, int(math.Ceil(e.m)), int(math.Ceil(e.m))),
			x:      int(e.x + float64(right)*e.m), y: int(e.y + float64(row)*e.m),
			draw: func() []figure { return e.cell(v, right == 1) }}})
		i++
	}
	if i != branchCells {
		return fmt.Errorf("value %s: %q is not %d symbols of %s", e.symbols.name(), text, branchCells, crockford)
	}
	return nil
}

// cell draws a symbol at (0, 0): a leaf that is the meeting of two quarter discs, its rib the diagonal that rises
// outwards from the stem between the columns.
func (e *branch) cell(v int, right bool) []figure {
	m, c := e.m, e.cells[v&7]
	up, down := c[2], c[1]
	if v>>3&1 == 1 {
		up, down = down, up
	}
	k := m * kappa
	// from the stem's foot to the outer corner: above the rib, then back below it
	root, tip := point{m, m}, point{0, 0}
	above := [2]point{{m, m - k}, {k, 0}}
	below := [2]point{{m - k, m}, {0, k}}
	if right {
		root, tip = point{0, m}, point{m, 0}
		above = [2]point{{0, m - k}, {m - k, 0}}
		below = [2]point{{k, m}, {m, k}}
	}
	var whole, upper path
	whole.move(root.x, root.y)
	whole.cubic(above[0], above[1], tip)
	whole.cubic(below[1], below[0], root)
	whole.close()
	upper.move(root.x, root.y)
	upper.cubic(above[0], above[1], tip)
	upper.close()
	return []figure{
		{path: rectangle(box{0, 0, m, m}, 0), colour: c[0]},
		{path: whole, colour: down}, // whole, so that no ground shows through the rib
		{path: upper, colour: up},
	}
}
