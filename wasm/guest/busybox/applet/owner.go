package applet

import (
	"bufio"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// sysInfo is what os.FileInfo leaves out.
type sysInfo struct {
	nlink, ino, dev uint64
	uid, gid        int
	blocks          int64 // of 512 bytes
	atime, ctime    time.Time
}

func inspect(fi fs.FileInfo) sysInfo {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return sysInfo{nlink: 1}
	}
	s := sysInfo{nlink: uint64(st.Nlink), ino: st.Ino, dev: uint64(st.Dev), uid: int(st.Uid), gid: int(st.Gid)}
	s.atime, s.ctime = statTimes(st)
	s.blocks = (fi.Size() + 4095) / 4096 * 8
	return s
}

// nameOf looks a name up by number in /etc/passwd or /etc/group; the number
// itself if it is not there.
func nameOf(file string, id int) string {
	n := strconv.Itoa(id)
	name := ""
	eachEntry(file, func(f []string) bool {
		if len(f) > 2 && f[2] == n {
			name = f[0]
		}
		return name == ""
	})
	switch {
	case name != "":
		return name
	case id == 0:
		return "root"
	}
	return n
}

// idOf is the other way round; -1 if there is no such name.
func idOf(file, name string) int {
	if id, err := strconv.Atoi(name); err == nil {
		return id
	}
	id := -1
	eachEntry(file, func(f []string) bool {
		if len(f) > 2 && f[0] == name {
			id, _ = strconv.Atoi(f[2])
		}
		return id < 0
	})
	if id < 0 && name == "root" {
		return 0
	}
	return id
}

// eachEntry calls do with the fields of every line of a file like passwd.
func eachEntry(file string, do func(fields []string) bool) {
	f, err := os.Open(file)
	if err != nil {
		return
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if !do(strings.Split(sc.Text(), ":")) {
			return
		}
	}
}

func userName(uid int) string  { return nameOf("/etc/passwd", uid) }
func groupName(gid int) string { return nameOf("/etc/group", gid) }

// modeString is drwxr-xr-x.
func modeString(m fs.FileMode) string {
	b := []byte("----------")
	switch {
	case m.IsDir():
		b[0] = 'd'
	case m&fs.ModeSymlink != 0:
		b[0] = 'l'
	case m&fs.ModeNamedPipe != 0:
		b[0] = 'p'
	case m&fs.ModeSocket != 0:
		b[0] = 's'
	case m&fs.ModeCharDevice != 0:
		b[0] = 'c'
	case m&fs.ModeDevice != 0:
		b[0] = 'b'
	}
	for i := range 9 {
		if m&(1<<(8-i)) != 0 {
			b[1+i] = "rwx"[i%3]
		}
	}
	special := func(at int, bit fs.FileMode, with, without byte) {
		if m&bit == 0 {
			return
		}
		if b[at] == 'x' {
			b[at] = with
		} else {
			b[at] = without
		}
	}
	special(3, fs.ModeSetuid, 's', 'S')
	special(6, fs.ModeSetgid, 's', 'S')
	special(9, fs.ModeSticky, 't', 'T')
	return string(b)
}

// octal is the mode as chmod takes it.
func octal(m fs.FileMode) uint32 {
	n := uint32(m.Perm())
	if m&fs.ModeSetuid != 0 {
		n |= 0o4000
	}
	if m&fs.ModeSetgid != 0 {
		n |= 0o2000
	}
	if m&fs.ModeSticky != 0 {
		n |= 0o1000
	}
	return n
}

// fileMode is the other way round.
func fileMode(n uint32) fs.FileMode {
	m := fs.FileMode(n & 0o777)
	if n&0o4000 != 0 {
		m |= fs.ModeSetuid
	}
	if n&0o2000 != 0 {
		m |= fs.ModeSetgid
	}
	if n&0o1000 != 0 {
		m |= fs.ModeSticky
	}
	return m
}
