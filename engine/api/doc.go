// Package api is the table of contents of the API: every resource once, with
// its names, verbs, defaults, validation, printer columns and schema.
//
// Upstream: pkg/api, pkg/apis, pkg/printers, pkg/generated/openapi, api/.
//
// How it works. Resources is a literal, in order; discovery, storage and HTTP
// paths are derived from it. The scheme is upstream's own, built once when the
// process starts and shared by all clusters; so are codecs, OpenAPI documents
// and the schema of server-side apply, which are made when first asked for.
// Objects are of the external v1 types everywhere. Only here do they become
// upstream's internal types for a moment, because upstream's thousands of rules
// of validation, and its printers, are written for those: see Rules and Table.
//
// This is the only package that may import k8s.io/kubernetes. Its package
// variables hold lazily built, immutable values.
//
// What we leave out: versions other than v1; OpenAPI v2 (404: kubectl has read
// v3 since 1.27); CBOR; the kinds that are not in Resources; of those that are,
// pods/resize and the proxy subresources. Feature gates are at upstream's
// defaults, for the whole process.
package api
