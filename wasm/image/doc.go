// Package image is what pods are made from: OCI-like images whose programs are
// WASM modules, the catalog of those that come with the binary, and the store
// that compiles each program once for all nodes and clusters.
//
// Upstream: containerd's image service (internal/cri/server/images), its
// snapshots of layers, and a registry's catalog.
//
// How it works. A reference is normalized as containerd does it and looked up
// in the catalog: a table from the names that tutorials use to an image, built
// of a configuration, files, and the programs among them. Digests are true
// hashes of that content, under the registry "catalog.kubergarten", so that
// nobody takes our stand-in for the original. A Store makes a program ready:
// unpack the guest, lift its initial data out, put fuel in, compile. The
// results of the two costly steps are kept on disk, keyed by the hash of what
// they were made from; each step is done once however many ask. On Linux all
// instances of a program share its initial memory, copy on write, and a lean
// store has of the machine code in memory only what runs; a Memory bounds what
// the processes of a container hold together.
//
// What we leave out: registries beyond the catalog, layers in tar files, image
// volumes, signatures, removal of what was compiled.
package image
