package applet

import (
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

func stat(p *Proc) int {
	o, names, ok := p.getopt("ltfc:L")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		return p.help(1)
	}
	status := 0
	for _, name := range names {
		fi, err := os.Lstat(name)
		if o.has('L') && err == nil {
			fi, err = os.Stat(name)
		}
		if err != nil {
			status = p.failed(err, "can't stat '%s'", name)
			continue
		}
		if o.has('c') {
			p.println(statFormat(o.value('c'), name, fi))
			continue
		}
		p.statLong(name, fi)
	}
	return status
}

func (p *Proc) statLong(name string, fi fs.FileInfo) {
	s := inspect(fi)
	shown := name
	if target, err := os.Readlink(name); err == nil {
		shown = fmt.Sprintf("'%s' -> '%s'", name, target)
	}
	stamp := func(t time.Time) string { return t.Format("2006-01-02 15:04:05.000000000 -0700") }
	p.printf("  File: %s\n  Size: %-10d\tBlocks: %-10d IO Block: %-6d %s\n", shown, fi.Size(), s.blocks, 4096, fileKind(fi))
	p.printf("Device: %xh/%dd\tInode: %-10d  Links: %-5d\n", s.dev, s.dev, s.ino, s.nlink)
	p.printf("Access: (%04o/%s)  Uid: (%5d/%8s)   Gid: (%5d/%8s)\n", octal(fi.Mode()), modeString(fi.Mode()), s.uid, userName(s.uid), s.gid, groupName(s.gid))
	p.printf("Access: %s\nModify: %s\nChange: %s\n", stamp(s.atime), stamp(fi.ModTime()), stamp(s.ctime))
}

func fileKind(fi fs.FileInfo) string {
	switch m := fi.Mode(); {
	case m.IsDir():
		return "directory"
	case m&fs.ModeSymlink != 0:
		return "symbolic link"
	case m&fs.ModeNamedPipe != 0:
		return "fifo"
	case m&fs.ModeSocket != 0:
		return "socket"
	case m&fs.ModeCharDevice != 0:
		return "character special file"
	case m&fs.ModeDevice != 0:
		return "block special file"
	case fi.Size() == 0:
		return "regular empty file"
	}
	return "regular file"
}

func statFormat(format, name string, fi fs.FileInfo) string {
	s := inspect(fi)
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		v := any(string(format[i]))
		switch format[i] {
		case 'n', 'N':
			v = name
		case 's':
			v = fi.Size()
		case 'a':
			v = strconv.FormatUint(uint64(octal(fi.Mode())), 8)
		case 'A':
			v = modeString(fi.Mode())
		case 'F':
			v = fileKind(fi)
		case 'u':
			v = s.uid
		case 'U':
			v = userName(s.uid)
		case 'g':
			v = s.gid
		case 'G':
			v = groupName(s.gid)
		case 'i':
			v = s.ino
		case 'h':
			v = s.nlink
		case 'b':
			v = s.blocks
		case 'B':
			v = 512
		case 'x':
			v = s.atime.Format("2006-01-02 15:04:05.000000000 -0700")
		case 'X':
			v = s.atime.Unix()
		case 'y':
			v = fi.ModTime().Format("2006-01-02 15:04:05.000000000 -0700")
		case 'Y':
			v = fi.ModTime().Unix()
		case 'z':
			v = s.ctime.Format("2006-01-02 15:04:05.000000000 -0700")
		case 'Z':
			v = s.ctime.Unix()
		}
		fmt.Fprint(&b, v)
	}
	return b.String()
}
