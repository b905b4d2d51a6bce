// Package ui is the page: a web server in front of the cluster.
//
// How it works. A request passes the guards in turn: security headers, the
// list of host names, the origin of whatever changes something, the visitor's
// language and session. What passes reaches a page (ui/page/...), which speaks
// to the API server as the visitor, by a credential that the API server judges:
// the owner's client certificate or a service account's token. The owner comes
// in by a link that works once; its session outlives a restart of the server.
// The session of a token ends with it: the API server is asked again each
// minute in which the session is used, or a page of it is open. Off loopback it is HTTPS, with a certificate made for it alone.
//
// What we leave out. Plain HTTP off loopback, a certificate of one's own, and
// proxies: the page answers to its own addresses alone. The fingerprint of its
// certificate is printed by "kubergarten up"; no page and no QR code shows it.
// Cookies never reach the API server, and no path of the API is served here.
package ui

//go:generate go tool templ generate -path .
