package network

import (
	"io"
)

// opError dresses err, unless it is nil or the end of file.
func (c *Conn) opError(op, call string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return opError(op, "tcp", call, c.LocalAddr(), c.RemoteAddr(), err)
}
