package main

import "slices"

// A rule says where a directive may stand and how many words it takes.
type rule struct {
	name     string
	contexts []string
	min, max int // words; max -1 is any number
	block    bool
}

// rules are the directives known here. Those that tune what does not exist in
// one process (workers, sendfile) are taken and have nothing to do.
func rules() []rule {
	main, events, http, server, location, upstream, types := "main", "events", "http", "server", "location", "upstream", "types"
	hsl := []string{http, server, location}
	_ = events
	return []rule{
		{"user", []string{main}, 1, 2, false},
		{"worker_processes", []string{main}, 1, 1, false},
		{"worker_rlimit_nofile", []string{main}, 1, 1, false},
		{"pid", []string{main}, 1, 1, false},
		{"daemon", []string{main}, 1, 1, false},
		{"master_process", []string{main}, 1, 1, false},
		{"error_log", []string{main, http, server, location}, 1, -1, false},
		{"events", []string{main}, 0, 0, true},
		{"worker_connections", []string{events}, 1, 1, false},
		{"use", []string{events}, 1, 1, false},
		{"multi_accept", []string{events}, 1, 1, false},
		{"http", []string{main}, 0, 0, true},
		{"types", hsl, 0, 0, true},
		{"default_type", hsl, 1, 1, false},
		{"log_format", []string{http}, 2, -1, false},
		{"access_log", hsl, 1, -1, false},
		{"sendfile", hsl, 1, 1, false},
		{"tcp_nopush", hsl, 1, 1, false},
		{"tcp_nodelay", hsl, 1, 1, false},
		{"keepalive_timeout", hsl, 1, 2, false},
		{"server_tokens", hsl, 1, 1, false},
		{"client_max_body_size", hsl, 1, 1, false},
		{"charset", hsl, 1, 1, false},
		{"upstream", []string{http}, 1, 1, true},
		{"server", []string{http, upstream}, 0, -1, true},
		{"listen", []string{server}, 1, -1, false},
		{"server_name", []string{server}, 1, -1, false},
		{"location", []string{server, location}, 1, 2, true},
		{"root", hsl, 1, 1, false},
		{"alias", []string{location}, 1, 1, false},
		{"index", hsl, 1, -1, false},
		{"try_files", []string{server, location}, 2, -1, false},
		{"autoindex", hsl, 1, 1, false},
		{"error_page", hsl, 2, -1, false},
		{"return", []string{server, location}, 1, 2, false},
		{"add_header", hsl, 2, 3, false},
		{"set", []string{server, location}, 2, 2, false},
		{"stub_status", []string{server, location}, 0, 1, false},
		{"internal", []string{location}, 0, 0, false},
		{"proxy_pass", []string{location}, 1, 1, false},
		{"proxy_set_header", hsl, 2, 2, false},
		{"proxy_http_version", hsl, 1, 1, false},
		{"proxy_connect_timeout", hsl, 1, 1, false},
		{"proxy_read_timeout", hsl, 1, 1, false},
		{"proxy_send_timeout", hsl, 1, 1, false},
		{"proxy_buffering", hsl, 1, 1, false},
		{"proxy_redirect", hsl, 1, 2, false},
		{"resolver", hsl, 1, -1, false},
		{"*", []string{types}, 1, -1, false},
	}
}

// check holds a block to the rules.
func check(list []*directive, context string, all []rule) error {
	for _, d := range list {
		if context == "types" {
			continue
		}
		i := slices.IndexFunc(all, func(r rule) bool { return r.name == d.name })
		if i < 0 {
			return emerg(d.file, d.line, "unknown directive %q", d.name)
		}
		r := all[i]
		block := r.block && !(d.name == "server" && context == "upstream")
		switch {
		case !slices.Contains(r.contexts, context):
			return emerg(d.file, d.line, "%q directive is not allowed here", d.name)
		case block && !d.open:
			return emerg(d.file, d.line, "directive %q has no opening \"{\"", d.name)
		case !block && d.open:
			return emerg(d.file, d.line, "directive %q is not terminated by \";\"", d.name)
		case len(d.args) < r.min || r.max >= 0 && len(d.args) > r.max:
			return emerg(d.file, d.line, "invalid number of arguments in %q directive", d.name)
		}
		if d.open {
			if err := check(d.block, d.name, all); err != nil {
				return err
			}
		}
	}
	return nil
}
