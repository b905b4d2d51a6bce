package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
)

// asTable asks for the form that kubectl prints, or else for the plain one.
const asTable = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"

// Options select objects.
type Options struct {
	FieldSelector, LabelSelector string
	ResourceVersion              string
	Limit                        int
	// Whole brings the whole object of each row, not its metadata alone.
	Whole bool
}

func (o Options) values() url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("fieldSelector", o.FieldSelector)
	set("labelSelector", o.LabelSelector)
	set("resourceVersion", o.ResourceVersion)
	if o.Limit > 0 {
		q.Set("limit", strconv.Itoa(o.Limit))
	}
	if o.Whole {
		q.Set("includeObject", "Object")
	}
	return q
}

// A Table is a list as the API server prints it.
type Table struct {
	Columns         []Column
	Rows            []*Row
	ResourceVersion string
	// More tells that the list has been cut at the limit.
	More bool
}

// A Column is a column's head. kubectl shows priority 0, and others with -o wide.
type Column struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Priority    int    `json:"priority"`
}

// A Row is an object: its cells, and itself or its metadata.
type Row struct {
	Cells  []string
	Meta   metav1.ObjectMeta
	Object json.RawMessage
}

// Cell is the cell of the column of that name, or "".
func (t *Table) Cell(r *Row, column string) string {
	for i, c := range t.Columns {
		if c.Name == column && i < len(r.Cells) {
			return r.Cells[i]
		}
	}
	return ""
}

// rawTable is a Table on the wire.
type rawTable struct {
	Kind     string          `json:"kind"`
	Metadata metav1.ListMeta `json:"metadata"`
	Columns  []Column        `json:"columnDefinitions"`
	Rows     []struct {
		Cells  []any           `json:"cells"`
		Object json.RawMessage `json:"object"`
	} `json:"rows"`
}

func parseTable(data []byte) (*Table, error) {
	var raw rawTable
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber() // a number is printed as it was written
	if err := d.Decode(&raw); err != nil {
		return nil, fmt.Errorf("read a table: %w", err)
	}
	if raw.Kind != "Table" {
		return nil, fmt.Errorf("the API server gave no table but %q", raw.Kind)
	}
	t := &Table{Columns: raw.Columns, ResourceVersion: raw.Metadata.ResourceVersion, More: raw.Metadata.Continue != ""}
	for _, r := range raw.Rows {
		row := &Row{Object: r.Object}
		for _, c := range r.Cells {
			row.Cells = append(row.Cells, cell(c))
		}
		var m metav1.PartialObjectMetadata
		if err := json.Unmarshal(r.Object, &m); err != nil {
			return nil, fmt.Errorf("read a table's row: %w", err)
		}
		row.Meta = m.ObjectMeta
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

// cell prints a cell as kubectl does: the first line alone, with a sign that
// there is more.
func cell(v any) string {
	if v == nil {
		return ""
	}
	first, _, more := strings.Cut(fmt.Sprint(v), "\n")
	if more {
		return first + "..."
	}
	return first
}

// Table lists a collection, or one object if t names it.
func (c *Client) Table(ctx context.Context, t Target, o Options) (*Table, error) {
	at, err := t.path()
	if err != nil {
		return nil, err
	}
	body, _, err := c.read(ctx, call{method: http.MethodGet, path: at, query: o.values(), accept: asTable})
	if err != nil {
		return nil, err
	}
	return parseTable(body)
}

// An Event is a change of one row.
type Event struct {
	Type watch.EventType
	*Table
}

// Watch yields the changes after o.ResourceVersion until ctx ends or the stream
// does. An error of the API server is the last that it yields.
func (c *Client) Watch(ctx context.Context, t Target, o Options) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		at, err := t.path()
		q := o.values()
		q.Set("watch", "1")
		q.Del("limit")
		if err != nil {
			yield(Event{}, err)
			return
		}
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		resp, err := c.open(ctx, call{method: http.MethodGet, path: at, query: q, accept: asTable})
		if err != nil {
			yield(Event{}, err)
			return
		}
		defer resp.Body.Close()
		for d := json.NewDecoder(resp.Body); ; {
			e, err := next(d)
			if errors.Is(err, io.EOF) || ctx.Err() != nil || !yield(e, err) || err != nil {
				return
			}
		}
	}
}

func next(d *json.Decoder) (Event, error) {
	var e struct {
		Type   watch.EventType `json:"type"`
		Object json.RawMessage `json:"object"`
	}
	if err := d.Decode(&e); err != nil {
		return Event{}, err
	}
	if e.Type == watch.Error {
		var s metav1.Status
		if err := json.Unmarshal(e.Object, &s); err != nil {
			return Event{}, err
		}
		return Event{}, &apierrors.StatusError{ErrStatus: s}
	}
	t, err := parseTable(e.Object)
	return Event{e.Type, t}, err
}
