// Command nginx serves static files and passes requests on, as nginx does.
//
// Upstream: nginx.org
//
// How it works. parse.go reads /etc/nginx/nginx.conf into directives,
// directives.go says where each may stand and how many words it takes, with
// nginx's own errors, and config.go makes servers and locations of them. One
// process serves: a request finds its server by port and Host, its location by
// the longest prefix or the first pattern, and there a file, a `return`, or an
// upstream. Answers, error pages and both logs are worded as nginx words them.
// QUIT ends gracefully, TERM at once, HUP reads the configuration again.
//
// What we leave out. Worker processes, TLS, HTTP/2, gzip, caching, rewrite, if,
// map, limits, auth and every other module; naming one is an error.
package main
