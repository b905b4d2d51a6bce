// Package corefile reads CoreDNS's configuration file, the Corefile.
//
// Upstream: github.com/coredns/caddy/caddyfile
//
// How it works. The lexer makes tokens of words and "quoted words"; # begins a
// comment. The parser makes server blocks of them: keys (zones), and for each
// directive all its tokens, in which {$NAME} and {%NAME%} are replaced from the
// environment. A (snippet) is kept and put where it is imported. A Dispenser
// then hands the tokens of one directive to its plugin. Errors name file and
// line in upstream's words.
//
// What we leave out: import of files.
package corefile
