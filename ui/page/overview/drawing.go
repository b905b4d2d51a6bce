package overview

import "slices"

// Measures of the drawing, in its own units.
const (
	boxWidth, boxHeight = 220, 46
	columnGap, rowGap   = 90, 16
	margin              = 8
)

// A box is a component in the drawing.
type box struct {
	part
	X, Y int
}

// A line is a call in the drawing, from the caller's edge to the other's.
type line struct{ X1, Y1, X2, Y2 int }

// A drawing is the plane with places: each component stands one column to the
// left of those who call it, so the store is leftmost and arrows point left.
type drawing struct {
	Width, Height int
	Boxes         []box
	Lines         []line
}

func (p plane) draw() drawing {
	var columns [][]part
	for _, x := range p.Parts {
		n := p.depth(x.Name, len(p.Parts))
		for len(columns) <= n {
			columns = append(columns, nil)
		}
		columns[n] = append(columns[n], x)
	}
	rows := 1
	for _, c := range columns {
		rows = max(rows, len(c))
	}
	d := drawing{
		Width:  2*margin + len(columns)*(boxWidth+columnGap) - columnGap,
		Height: 2*margin + rows*(boxHeight+rowGap) - rowGap,
	}
	for i, c := range columns {
		d.column(margin+i*(boxWidth+columnGap), c)
	}
	for _, t := range p.Talks {
		d.connect(t)
	}
	return d
}

// depth is how many calls lie between a component and the last one called. It
// goes no deeper than limit, for a circle of calls has no end.
func (p plane) depth(name string, limit int) (n int) {
	if limit == 0 {
		return 0
	}
	for _, t := range p.Talks {
		if t.From == name {
			n = max(n, 1+p.depth(t.To, limit-1))
		}
	}
	return n
}

// column places parts below one another, in the middle of the height.
func (d *drawing) column(x int, parts []part) {
	height := len(parts)*(boxHeight+rowGap) - rowGap
	y := (d.Height - height) / 2
	for _, p := range parts {
		d.Boxes = append(d.Boxes, box{p, x, y})
		y += boxHeight + rowGap
	}
}

func (d *drawing) connect(t talk) {
	from := slices.IndexFunc(d.Boxes, func(b box) bool { return b.Name == t.From })
	to := slices.IndexFunc(d.Boxes, func(b box) bool { return b.Name == t.To })
	if from < 0 || to < 0 {
		return
	}
	a, b := d.Boxes[from], d.Boxes[to]
	d.Lines = append(d.Lines, line{a.X, a.Y + boxHeight/2, b.X + boxWidth, b.Y + boxHeight/2})
}
