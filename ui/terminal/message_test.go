package terminal

import (
	"encoding/json"
	"testing"
)

func TestDecode(t *testing.T) {
	for text, want := range map[string]bool{
		`{"type":"open","ticket":"t","id":"i","from":5,"cols":80,"rows":24}`: true,
		`{"type":"resize","cols":1,"rows":1}`:                                true,
		`{"type":"seen","seen":0}`:                                           true,
		`{"type":"close"}`:                                                   true,
		`{"type":"close"}{"type":"close"}`:                                   false,
		`{"type":"close"} x`:                                                 false,
		`{"type":"seen","seen":-1}`:                                          false,
		`{"type":"seen","seen":1e99}`:                                        false,
		`{"type":"open","ticket":"t","from":-5,"cols":80,"rows":24}`:         false,
		`{"type":"resize","cols":-1,"rows":24}`:                              false,
		`{"type":"resize","cols":65536,"rows":24}`:                           false,
		`{"type":"opened"}`:                                                  false,
		`null`:                                                               false,
		`[]`:                                                                 false,
		``:                                                                   false,
	} {
		if _, err := decode([]byte(text)); (err == nil) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"type":"open","ticket":"t","id":"i","from":5,"cols":80,"rows":24}`))
	f.Add([]byte(`{"type":"resize","cols":80,"rows":24}`))
	f.Add([]byte(`{"type":"seen","seen":9223372036854775807}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := decode(data)
		if err != nil {
			return
		}
		if m.From < 0 || m.Seen < 0 || len(m.ID) > mostID || len(m.Ticket) > mostID || m.Cols > mostCols || m.Rows > mostRows {
			t.Fatalf("%q gives %+v", data, m)
		}
		again, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := decode(again); err != nil || same != m {
			t.Fatalf("%+v becomes %+v, %v", m, same, err)
		}
	})
}
