// Package envvars makes the environment of containers: variables for services,
// values from elsewhere, and references to one another.
//
// Upstream: pkg/kubelet/envvars, third_party/forked/golang/expansion, pkg/fieldpath.
//
// How it works. FromServices gives the docker-style variables of services.
// Expand replaces $(NAME) by what a mapping says, leaves unknown references as
// they are, and reads $$ as $. Field and Resource give values of the downward
// API as text.
//
// What we leave out: variables from files (FileKeyRef), an alpha feature.
package envvars
