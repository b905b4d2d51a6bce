package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"kubergarten/wasm/guest/httpwire"
)

const version = "1.0.0"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("http-echo", flag.ContinueOnError)
	flags.SetOutput(errs)
	listen := flags.String("listen", ":5678", "address and port to listen")
	text := flags.String("text", "", "text to put on the webpage")
	show := flags.Bool("version", false, "display version information")
	status := flags.Int("status-code", 200, "http response code, e.g.: 200")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *show {
		fmt.Fprintln(errs, "http-echo v"+version)
		return 0
	}
	echo := *text
	if echo == "" {
		echo = os.Getenv("ECHO_TEXT")
	}
	switch {
	case echo == "":
		fmt.Fprintln(errs, "Missing -text option or ECHO_TEXT env var!")
		return 127
	case flags.NArg() > 0:
		fmt.Fprintln(errs, "Too many arguments!")
		return 127
	}
	return serve(*listen, *status, echo, out, errs)
}

// serve runs the server until a signal; upstream leaves with 2 then.
func serve(listen string, status int, echo string, out, errs io.Writer) int {
	logger := log.New(errs, "", log.LstdFlags)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	logger.Printf("[INFO] server is listening on %s\n", listen)
	l, err := net.Listen("tcp", listen)
	if err != nil {
		logger.Printf("[ERR] server exited with: %s", err)
		return 1
	}
	context.AfterFunc(ctx, func() { logger.Printf("[INFO] received interrupt, shutting down...") })
	s := &httpwire.Server{Handler: handler(status, echo, out)}
	if err := s.Serve(ctx, l); err != nil {
		logger.Printf("[ERR] server exited with: %s", err)
		return 1
	}
	return 2
}

func handler(status int, echo string, out io.Writer) httpwire.Handler {
	return func(w *httpwire.Writer, r *httpwire.Request) {
		start := time.Now()
		w.Header.Add("X-App-Name", "http-echo")
		w.Header.Add("X-App-Version", version)
		w.Header.Add("Date", httpwire.Date(start))
		if strings.HasPrefix(r.Path, "/health") {
			w.Answer(200, "text/plain; charset=utf-8", `{"status":"ok"}`+"\n")
			return
		}
		w.Answer(status, "text/plain; charset=utf-8", echo+"\n")
		fmt.Fprintf(out, "%v %s %s \"%s %s %s\" %d %d \"%s\" %v\n", start.Format("2006/01/02 15:04:05"), r.Header.Get("Host"), r.Remote,
			r.Method, r.Path, r.Proto, w.Code, w.Sent, r.Header.Get("User-Agent"), time.Since(start))
	}
}
