package runtime

import (
	"fmt"
	"strconv"
	"strings"

	v1 "k8s.io/cri-api/pkg/apis/runtime/v1"

	"kubergarten/wasm/host/vfs"
	"kubergarten/wasm/image"
)

// account is a line of /etc/passwd.
type account struct {
	name, home string
	uid, gid   uint32
}

// accounts reads /etc/passwd of an image.
func accounts(i *image.Image) (out []account) {
	for line := range strings.Lines(contents(i, "/etc/passwd")) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) < 6 {
			continue
		}
		uid, err1 := parseID(f[2])
		gid, err2 := parseID(f[3])
		if err1 == nil && err2 == nil {
			out = append(out, account{name: f[0], home: f[5], uid: uid, gid: gid})
		}
	}
	return out
}

func contents(i *image.Image, path string) string {
	for _, f := range i.Files {
		if f.Path == path {
			return string(f.Data)
		}
	}
	return ""
}

func parseID(s string) (uint32, error) {
	s, _, _ = strings.Cut(s, ":")
	n, err := strconv.ParseUint(s, 10, 31)
	return uint32(n), err
}

// who finds out as whom a container runs, and where that user is at home.
func who(i *image.Image, sc *v1.LinuxContainerSecurityContext) (c vfs.Cred, home string, err error) {
	user := i.Config.User
	if sc.GetRunAsUser() != nil {
		user = strconv.FormatInt(sc.GetRunAsUser().GetValue(), 10)
	} else if sc.GetRunAsUsername() != "" {
		user = sc.GetRunAsUsername()
	}
	name, group, _ := strings.Cut(user, ":")
	a, err := lookup(accounts(i), name)
	if err != nil {
		return c, "", err
	}
	c.UID, c.GID = a.uid, a.gid
	if gid, err := parseID(group); err == nil {
		c.GID = gid
	}
	if sc.GetRunAsGroup() != nil {
		c.GID = uint32(sc.GetRunAsGroup().GetValue())
	}
	for _, g := range sc.GetSupplementalGroups() {
		c.Groups = append(c.Groups, uint32(g))
	}
	return c, a.home, nil
}

// lookup finds a user by name or number. A number needs no line in the file.
func lookup(all []account, name string) (account, error) {
	if name == "" {
		name = "0"
	}
	uid, err := parseID(name)
	for _, a := range all {
		if a.name == name || err == nil && a.uid == uid {
			return a, nil
		}
	}
	if err != nil {
		return account{}, fmt.Errorf("unable to find user %s: no matching entries in passwd file", name)
	}
	return account{uid: uid, home: "/"}, nil
}
