package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"

	"kubergarten/wasm/guest/httpwire"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	flags := flag.NewFlagSet("whoami", flag.ContinueOnError)
	port := flags.String("port", env("WHOAMI_PORT_NUMBER", "80"), "give me a port number")
	name := flags.String("name", os.Getenv("WHOAMI_NAME"), "give me a name")
	verbose := flags.Bool("verbose", false, "Enable verbose logging")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log.Printf("Starting up on port %s", *port)
	l, err := net.Listen("tcp", ":"+*port)
	if err != nil {
		log.Print(err)
		return 1
	}
	a := &app{name: *name, health: 200, interfaces: addresses}
	s := &httpwire.Server{Handler: a.handle}
	if *verbose {
		s.Handler = func(w *httpwire.Writer, r *httpwire.Request) {
			a.handle(w, r)
			log.Printf("%s - - \"%s %s %s\"", r.Remote, r.Method, r.Target, r.Proto)
		}
	}
	if err := s.Serve(ctx, l); err != nil {
		log.Print(err)
		return 1
	}
	return 0
}

func env(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

// addresses lists those of all interfaces.
func addresses() []string {
	var list []string
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok {
			list = append(list, n.IP.String())
		}
	}
	return list
}
