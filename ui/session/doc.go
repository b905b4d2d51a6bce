// Package session knows who is logged in to the page.
//
// How it works. A session is 32 random bytes in a cookie. The server keeps only
// their SHA-256, and who they stand for sealed with a key that is derived from
// the bytes themselves: neither the file on disk nor the server's memory gives
// away a cookie or a service account's token. The file is replaced whole at
// each change, so a restart logs nobody out. A session ends a day after its
// last use; that its token has ended before, package ui finds out. Once is the
// link that logs the owner in, one time. Gate counts the attempts of an address.
//
// What we leave out. Roles: what a visitor may do is the API server's business.
package session
