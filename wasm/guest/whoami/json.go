package main

import (
	"encoding/json"
	"os"

	"kubergarten/wasm/guest/httpwire"
)

// answer is what /api answers.
type answer struct {
	Hostname   string              `json:"hostname,omitempty"`
	IP         []string            `json:"ip,omitempty"`
	Headers    map[string][]string `json:"headers,omitempty"`
	URL        string              `json:"url,omitempty"`
	Host       string              `json:"host,omitempty"`
	Method     string              `json:"method,omitempty"`
	Name       string              `json:"name,omitempty"`
	RemoteAddr string              `json:"remoteAddr,omitempty"`
}

func (a *app) json(r *httpwire.Request) string {
	host, _ := os.Hostname()
	x := answer{
		Hostname: host, IP: a.interfaces(), Headers: map[string][]string{}, URL: r.Target,
		Host: r.Header.Get("Host"), Method: r.Method, Name: a.name, RemoteAddr: r.Remote,
	}
	for _, f := range r.Header {
		if n := canonical(f.Name); n != "Host" {
			x.Headers[n] = append(x.Headers[n], f.Value)
		}
	}
	text, err := json.Marshal(x)
	if err != nil {
		return err.Error()
	}
	return string(text) + "\n"
}
