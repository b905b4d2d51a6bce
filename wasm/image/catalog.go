package image

import (
	"regexp"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

const pathEnv = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// An entry is one image of the catalog under all its names and tags.
type entry struct {
	names  []string
	tags   string // a regular expression for the whole tag
	config func(tag string) v1.Config
	files  func() []File
	main   string // the program to have ready when the image is pulled
}

// catalog is the table of contents: what tutorials pull, and what does its job.
func catalog() []entry {
	return []entry{
		{
			names: []string{"registry.k8s.io/pause", "k8s.gcr.io/pause", "docker.io/rancher/mirrored-pause"},
			tags:  `latest|3\.\d{1,2}(\.\d)?`,
			config: func(string) v1.Config {
				return v1.Config{Env: []string{pathEnv}, Entrypoint: []string{"/pause"}, User: "65535:65535", WorkingDir: "/"}
			},
			files: func() []File { return []File{program("/pause", "pause")} },
			main:  "pause",
		},
		{
			names:  []string{"docker.io/library/busybox", "registry.k8s.io/busybox", "k8s.gcr.io/busybox", "gcr.io/google-containers/busybox", "registry.k8s.io/e2e-test-images/busybox"},
			tags:   `latest|stable|unstable|musl|glibc|uclibc|1(\.[1-9]\d(\.\d)?)?(-(\d|musl|glibc|uclibc))?|stable-(musl|glibc|uclibc)`,
			config: func(string) v1.Config { return v1.Config{Env: []string{pathEnv}, Cmd: []string{"sh"}} },
			files:  func() []File { return merge(base()) },
			main:   "busybox",
		},
		{
			names:  []string{"docker.io/library/nginx", "registry.k8s.io/nginx", "registry.k8s.io/nginx-slim", "k8s.gcr.io/nginx-slim", "registry.k8s.io/e2e-test-images/nginx"},
			tags:   `latest|stable|mainline|alpine|perl|(1|0)(\.\d{1,2}){1,2}(-\d)?(-[a-z][a-z0-9.-]*)?|1(-[a-z][a-z0-9.-]*)?|(stable|mainline)-[a-z][a-z0-9.-]*`,
			config: nginxConfig,
			files: func() []File {
				return merge(base(), tree("nginx"), dirs("/etc/nginx", "/var/log/nginx", "/var/cache/nginx", "/usr/share/nginx/html"),
					[]File{
						program("/usr/sbin/nginx", "nginx"),
						{Path: "/var/log/nginx/access.log", Mode: 0o777, Link: "/dev/stdout"},
						{Path: "/var/log/nginx/error.log", Mode: 0o777, Link: "/dev/stderr"},
						{Path: "/bin/bash", Mode: 0o755, Data: []byte("#!/bin/sh\nexec /bin/sh \"$@\"\n")},
					})
			},
			main: "nginx",
		},
		{
			names: []string{"docker.io/hashicorp/http-echo"},
			tags:  `latest|alpine|v?\d(\.\d{1,2}){0,2}`,
			config: func(string) v1.Config {
				return v1.Config{Env: []string{pathEnv}, Entrypoint: []string{"/http-echo"}, ExposedPorts: ports("5678/tcp")}
			},
			files: func() []File {
				return merge(dirs("/dev", "/etc", "/proc", "/tmp"), []File{program("/http-echo", "http-echo")})
			},
			main: "http-echo",
		},
		{
			names: []string{"docker.io/traefik/whoami", "docker.io/containous/whoami"},
			tags:  `latest|v?\d(\.\d{1,2}){0,2}`,
			config: func(string) v1.Config {
				return v1.Config{Env: []string{pathEnv}, Entrypoint: []string{"/whoami"}, ExposedPorts: ports("80/tcp")}
			},
			files: func() []File {
				return merge(dirs("/dev", "/etc", "/proc", "/tmp"), []File{program("/whoami", "whoami")})
			},
			main: "whoami",
		},
	}
}

// Programs lists the programs of the catalog's images, the infra containers'
// first: what may be worth having warm.
func Programs() []string {
	var out []string
	for _, e := range catalog() {
		out = append(out, e.main)
	}
	return out
}

func nginxConfig(tag string) v1.Config {
	version := regexp.MustCompile(`^\d\.\d+\.\d+`).FindString(tag)
	if short := regexp.MustCompile(`^\d\.\d+`).FindString(tag); version == "" && short != "" {
		version = short + ".0"
	}
	if version == "" {
		version = "1.29.3"
	}
	return v1.Config{
		Env:          []string{pathEnv, "NGINX_VERSION=" + version, "PKG_RELEASE=1"},
		Cmd:          []string{"nginx", "-g", "daemon off;"},
		ExposedPorts: ports("80/tcp"), StopSignal: "SIGQUIT",
	}
}

func ports(names ...string) map[string]struct{} {
	m := map[string]struct{}{}
	for _, n := range names {
		m[n] = struct{}{}
	}
	return m
}

// find looks ref up: the entry, or none.
func find(entries []entry, ref Reference) (entry, bool) {
	for _, e := range entries {
		for _, name := range e.names {
			if name == ref.Name && (ref.Tag == "" || matches(e.tags, ref.Tag)) {
				return e, true
			}
		}
	}
	return entry{}, false
}

func matches(tags, tag string) bool {
	return regexp.MustCompile(`^(?:` + tags + `)$`).MatchString(tag)
}

// cutBase parts a repository's name from what is before it.
func cutBase(name string) (dir, base string) {
	i := strings.LastIndexByte(name, '/')
	return name[:max(i, 0)], name[i+1:]
}
