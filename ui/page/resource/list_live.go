package resource

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"k8s.io/utils/clock"

	"kubergarten/ui/frame"
	"kubergarten/ui/kube"
)

// blockLength is how many rows a block has when a list is divided.
const blockLength = 20

// A listScene is a list that is followed. Its rows are divided into blocks by
// their names; a change renders the block it falls in. When the blocks fit no
// more, they are divided anew under other ids: what was sent of the old ones
// finds no place any more.
type listScene struct {
	listing
	client *kube.Client
	clock  clock.WithTickerAndDelayedExecution

	mu     sync.Mutex
	newest *kube.Table

	division int         // how often the rows were divided
	starts   []*kube.Row // the first row of each block when it was divided
	blocks   [][]*kube.Row
	painted  map[string]*paintedList // by language
}

// A paintedList is what a language was last painted with.
type paintedList struct {
	division int
	blocks   [][]*kube.Row
}

// followList shows a list as it changes.
func (p pages) followList(ctx context.Context, q url.Values, send func(...frame.Part)) error {
	l := listing{Namespace: q.Get("namespace"), Wide: q.Get("wide") != ""}
	return p.gallery.Look(ctx, "list\x00"+q.Encode(), send, func(ctx context.Context) (frame.Scene, error) {
		gvr, err := kube.ParseGVR(q.Get("gvr"))
		if err != nil {
			return nil, err
		}
		c, err := kube.New(frame.From(ctx).REST)
		if err != nil {
			return nil, err
		}
		l.Kind, err = c.Kind(ctx, gvr)
		return &listScene{listing: l, client: c, clock: p.clock, painted: map[string]*paintedList{}}, err
	})
}

func (s *listScene) Follow(ctx context.Context, changed func()) error {
	t := kube.Target{GroupVersionResource: s.Kind.GroupVersionResource, Namespace: s.Namespace}
	return s.client.Follow(ctx, s.clock, t, kube.Options{Limit: most}, func(now *kube.Table, _ *kube.Event) {
		s.mu.Lock()
		s.newest = now
		s.mu.Unlock()
		changed()
	})
}

// Look puts the newest rows into their blocks.
func (s *listScene) Look(context.Context) {
	s.mu.Lock()
	before, now := s.Table, s.newest
	s.mu.Unlock()
	if now == nil || now == before {
		return
	}
	s.Table = now
	s.blocks = split(now.Rows, s.starts)
	if before == nil || before.More != now.More || !slices.Equal(before.Columns, now.Columns) || unfit(s.blocks) {
		s.division++
		s.starts = divide(now.Rows)
		s.blocks = split(now.Rows, s.starts)
	}
}

// divide are the first rows of blocks of equal length.
func divide(rows []*kube.Row) (starts []*kube.Row) {
	for i := 0; i < len(rows); i += blockLength {
		starts = append(starts, rows[i])
	}
	return starts
}

// split are the rows by block; the first block has what comes before it too.
func split(rows, starts []*kube.Row) [][]*kube.Row {
	blocks := make([][]*kube.Row, len(starts))
	for i := range starts {
		end := len(rows)
		if i+1 < len(starts) {
			end, _ = slices.BinarySearchFunc(rows, starts[i+1], kube.ByName)
		}
		blocks[i], rows = rows[:end], rows[end:]
	}
	return blocks
}

// unfit tells whether blocks should be divided anew: one has grown long, or
// there is none for the first row or none left with rows.
func unfit(blocks [][]*kube.Row) bool {
	rows := 0
	for _, b := range blocks {
		rows += len(b)
		if len(b) > 3*blockLength {
			return true
		}
	}
	return rows == 0 || len(blocks) > 2*(rows/blockLength+2)
}

// Paint renders the blocks that changed since the last painting.
func (s *listScene) Paint(ctx context.Context, lang string) frame.Painting {
	if s.Table == nil {
		return frame.Painting{All: func() []frame.Part { return nil }}
	}
	last := s.painted[lang]
	s.painted[lang] = &paintedList{s.division, s.blocks}
	all := func() []frame.Part { return []frame.Part{{Target: "resource-list", HTML: s.whole(ctx)}} }
	if last == nil || last.division != s.division {
		return frame.Painting{All: all, Changed: all()}
	}
	var changed []frame.Part
	for i, b := range s.blocks {
		if !slices.Equal(b, last.blocks[i]) {
			changed = append(changed, frame.Part{Target: s.id(i), HTML: s.block(ctx, i)})
		}
	}
	return frame.Painting{All: all, Changed: changed}
}

func (s *listScene) id(block int) string { return fmt.Sprintf("rows-%d-%d", s.division, block) }

func (s *listScene) block(ctx context.Context, i int) frame.Picture {
	return frame.Paint(ctx, listBlock(s.listing, s.id(i), s.blocks[i], s.clock.Now()))
}

func (s *listScene) whole(ctx context.Context) frame.Picture {
	var blocks []templ.Component
	for i := range s.blocks {
		blocks = append(blocks, s.block(ctx, i))
	}
	return frame.Paint(ctx, listTable(s.listing, blocks))
}

// wholeList is the rows of a page that does not live yet, in one block.
func wholeList(l listing, now time.Time) []templ.Component {
	if len(l.Table.Rows) == 0 {
		return nil
	}
	return []templ.Component{listBlock(l, "rows", l.Table.Rows, now)}
}

// at is the object of a row.
func (l listing) at(r *kube.Row) kube.Target {
	return kube.Target{GroupVersionResource: l.Kind.GroupVersionResource, Namespace: r.Meta.Namespace, Name: r.Meta.Name}
}

// spread tells whether the rows are of several namespaces.
func (l listing) spread() bool { return l.Kind.Namespaced && strings.TrimSpace(l.Namespace) == "" }
