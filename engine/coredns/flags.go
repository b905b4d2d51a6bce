package coredns

// Upstream: coremain/run.go

import (
	"flag"
	"fmt"
	"io"
)

// Flags are CoreDNS's command line.
type Flags struct {
	Conf  string // the Corefile
	Port  string // the default port
	Quiet bool   // say nothing at the start
}

// ParseFlags reads the command line, without the program's name.
func ParseFlags(args []string) (Flags, error) {
	var f Flags
	set := flag.NewFlagSet(Name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&f.Conf, "conf", "", "Corefile to load (default \"Corefile\")")
	set.BoolVar(&f.Quiet, "quiet", false, "Quiet mode (no initialization output)")
	set.StringVar(&f.Port, "dns.port", "53", "Default port")
	set.StringVar(&f.Port, "p", "53", "Default port")
	if err := set.Parse(args); err != nil {
		return f, err
	}
	if set.NArg() > 0 {
		return f, fmt.Errorf("extra command line arguments: %s", set.Args())
	}
	return f, nil
}

// file is the Corefile's name.
func (f Flags) file() string {
	if f.Conf == "" {
		return "Corefile"
	}
	return f.Conf
}
