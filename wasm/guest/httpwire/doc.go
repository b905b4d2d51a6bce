// Package httpwire is HTTP/1.1 for small guests: a server and what a client
// needs to read an answer.
//
// Upstream: net/http, which would make every module three times as large.
//
// How it works. Serve accepts connections and gives each a goroutine that reads
// requests one after another; the handler answers through a Writer that frames
// the body by length, by chunks, or by closing. ReadResponse does the same the
// other way round.
//
// What we leave out. TLS, HTTP/2, pipelining of answers, trailers, compression.
package httpwire
