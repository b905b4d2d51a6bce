package tty

// Mode is what a terminal does to the bytes that pass through it: a sum of
// termios' flags, as far as they change here.
type Mode uint32

// The flags, in the host's order.
const (
	Canon   Mode = 1 << iota // ICANON: lines that can be edited
	Signals                  // ISIG: ^C and ^\ are signals
	Echo                     // ECHO: what is typed is shown
	Return                   // ICRNL: Return types a newline
	Output                   // OPOST and ONLCR: a newline goes to the first column

	Cooked = Canon | Signals | Echo | Return | Output
)

// Raw switches all flags off until restore is called.
func Raw(fd int) (restore func(), err error) {
	was, err := GetMode(fd)
	if err != nil {
		return func() {}, err
	}
	return func() { _ = SetMode(fd, was) }, SetMode(fd, 0)
}
