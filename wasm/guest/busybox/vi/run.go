package vi

import "io"

// A Terminal is what Run works on.
type Terminal struct {
	In   io.Reader
	Out  io.Writer
	Size func() (cols, rows int)
}

// Run edits on a terminal until the user leaves or its input ends.
func (e *Editor) Run(t Terminal) error {
	var kept []byte
	buf := make([]byte, 4096)
	for !e.done {
		cols, rows := t.Size()
		if _, err := io.WriteString(t.Out, e.Screen(cols, rows)); err != nil {
			return err
		}
		n, err := t.In.Read(buf)
		if n == 0 && err != nil {
			return err
		}
		keys, rest := Decode(append(kept, buf[:n]...))
		kept = rest
		for _, k := range keys {
			if !e.done {
				e.Key(k)
			}
		}
	}
	return nil
}
