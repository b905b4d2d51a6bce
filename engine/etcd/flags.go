package etcd

// Upstream: server/etcdmain/config.go

import (
	"fmt"

	"github.com/spf13/pflag"
)

// Flags is what the command line of etcd can say.
type Flags struct {
	Name                string
	DataDir             string
	ListenClientURLs    []string
	AdvertiseClientURLs []string
	MaxRequestBytes     int
	QuotaBackendBytes   int
}

// ParseFlags reads the arguments after the program's name.
func ParseFlags(args []string) (Flags, error) {
	var f Flags
	fs := pflag.NewFlagSet(Name, pflag.ContinueOnError)
	fs.Usage = func() {}
	fs.StringVar(&f.Name, "name", "default", "Human-readable name for this member.")
	fs.StringVar(&f.DataDir, "data-dir", "", "Path to the data directory.")
	fs.StringSliceVar(&f.ListenClientURLs, "listen-client-urls", []string{"http://127.0.0.1:2379"}, "List of URLs to listen on for client traffic.")
	fs.StringSliceVar(&f.AdvertiseClientURLs, "advertise-client-urls", []string{"http://127.0.0.1:2379"}, "List of this member's client URLs to advertise to the public.")
	fs.IntVar(&f.MaxRequestBytes, "max-request-bytes", 3<<19, "Maximum client request size in bytes the server will accept.")
	fs.IntVar(&f.QuotaBackendBytes, "quota-backend-bytes", 0, "Sets the maximum size (in bytes) that the etcd backend database may consume before raising a space alarm. 0 means the default quota.")
	if err := fs.Parse(args); err != nil {
		return f, err
	}
	if fs.NArg() > 0 {
		return f, fmt.Errorf("'%s' is not a valid flag", fs.Arg(0))
	}
	if f.DataDir == "" {
		f.DataDir = f.Name + ".etcd"
	}
	return f, nil
}
