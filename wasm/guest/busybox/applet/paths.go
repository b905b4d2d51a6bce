package applet

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

func basename(p *Proc) int {
	o, names, ok := p.getopt("as:")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		return p.help(1)
	}
	suffix := o.value('s')
	if !o.has('a') && !o.has('s') {
		if len(names) > 2 {
			return p.help(1)
		}
		if len(names) == 2 {
			suffix, names = names[1], names[:1]
		}
	}
	for _, name := range names {
		base := filepath.Base(name)
		if base != suffix {
			base = strings.TrimSuffix(base, suffix)
		}
		p.println(base)
	}
	return 0
}

func dirname(p *Proc) int {
	if len(p.Args) == 0 {
		return p.help(1)
	}
	for _, name := range p.Args {
		p.println(filepath.Dir(strings.TrimRight(name, "/") + strings.Repeat("/", min(1, strings.Count(name, "/")/max(1, len(name))))))
	}
	return 0
}

func pwd(p *Proc) int {
	dir, err := os.Getwd()
	if err != nil {
		return p.failed(err, "getcwd")
	}
	p.println(dir)
	return 0
}

func readlink(p *Proc) int {
	o, names, ok := p.getopt("fnvem")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		return p.help(1)
	}
	end := "\n"
	if o.has('n') {
		end = ""
	}
	status := 0
	for _, name := range names {
		target, err := os.Readlink(name)
		if o.has('f') || o.has('e') || o.has('m') {
			target, err = resolve(name)
		}
		if err != nil {
			if o.has('v') {
				p.failed(err, "%s", name)
			}
			status = 1
			continue
		}
		p.print(target + end)
	}
	return status
}

// resolve is readlink -f: the last part need not exist.
func resolve(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	if path, err := filepath.EvalSymlinks(abs); err == nil {
		return path, nil
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(abs))
	return filepath.Join(dir, filepath.Base(abs)), err
}

func realpath(p *Proc) int {
	_, names, ok := p.getopt("")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		return p.help(1)
	}
	status := 0
	for _, name := range names {
		abs, err := filepath.Abs(name)
		if err == nil {
			abs, err = filepath.EvalSymlinks(abs)
		}
		if err != nil {
			status = p.failed(err, "%s", name)
			continue
		}
		p.println(abs)
	}
	return status
}

func which(p *Proc) int {
	o, names, ok := p.getopt("a")
	if !ok {
		return 1
	}
	status := 0
	for _, name := range names {
		found := false
		dirs := strings.Split(os.Getenv("PATH"), ":")
		if strings.Contains(name, "/") {
			dirs = []string{""}
		}
		for _, dir := range dirs {
			path := filepath.Join(dir, name)
			if fi, err := os.Stat(path); err == nil && fi.Mode().IsRegular() && fi.Mode()&0o111 != 0 {
				p.println(path)
				found = true
				if !o.has('a') {
					break
				}
			}
		}
		if !found {
			status = 1
		}
	}
	return status
}

func mktemp(p *Proc) int {
	o, names, ok := p.getopt("dtqup:")
	if !ok {
		return 1
	}
	dir := o.value('p')
	if dir == "" && (o.has('t') || len(names) == 0) {
		if dir = os.Getenv("TMPDIR"); dir == "" {
			dir = "/tmp"
		}
	}
	template := "tmp.XXXXXX"
	if len(names) > 0 {
		template = names[0]
	}
	if !strings.HasSuffix(template, "XXXXXX") {
		return p.fail("%s: Invalid argument", template)
	}
	base := filepath.Join(dir, strings.TrimRight(template, "X"))
	if dir == "" {
		base = strings.TrimRight(template, "X")
	}
	for range 100 {
		name := base + randomName(6)
		var err error
		if o.has('d') {
			err = os.Mkdir(name, 0o700)
		} else {
			var f *os.File
			if f, err = os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
				f.Close()
			}
		}
		if err == nil {
			os.Chmod(name, map[bool]fs.FileMode{true: 0o700, false: 0o600}[o.has('d')])
			p.println(name)
			return 0
		}
		if !os.IsExist(err) {
			return p.failed(err, "%s", template)
		}
	}
	return p.fail("%s: File exists", template)
}

func randomName(n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	seed := uint64(time.Now().UnixNano()) ^ uint64(os.Getpid())<<40
	b := make([]byte, n)
	for i := range b {
		seed = seed*6364136223846793005 + 1442695040888963407
		b[i] = letters[seed>>33%uint64(len(letters))]
	}
	return string(b)
}

func truncate(p *Proc) int {
	o, names, ok := p.getopt("cs:")
	if !ok {
		return 1
	}
	n, err := size(o.value('s'))
	if err != nil || len(names) == 0 {
		return p.help(1)
	}
	status := 0
	for _, name := range names {
		flags := os.O_WRONLY | os.O_CREATE
		if o.has('c') {
			flags = os.O_WRONLY
		}
		f, err := os.OpenFile(name, flags, 0o666)
		if err == nil {
			err = f.Truncate(n)
			f.Close()
		}
		if err != nil && (!o.has('c') || !os.IsNotExist(err)) {
			status = p.failed(err, "%s", name)
		}
	}
	return status
}

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

func du(p *Proc) int {
	o, names, ok := p.getopt("aHLd:clsxhmkb")
	if !ok {
		return 1
	}
	if len(names) == 0 {
		names = []string{"."}
	}
	depth := 1 << 30
	if o.has('d') {
		depth, _ = strconv.Atoi(o.value('d'))
	}
	if o.has('s') {
		depth = 0
	}
	status, total := 0, int64(0)
	show := func(blocks int64, path string) {
		switch {
		case o.has('h'):
			p.printf("%s\t%s\n", human(blocks*512), path)
		case o.has('m'):
			p.printf("%d\t%s\n", (blocks+2047)/2048, path)
		default:
			p.printf("%d\t%s\n", (blocks+1)/2, path)
		}
	}
	var walk func(path string, level int) int64
	walk = func(path string, level int) int64 {
		fi, err := os.Lstat(path)
		if err != nil {
			status = p.failed(err, "%s", path)
			return 0
		}
		sum := inspect(fi).blocks
		if fi.IsDir() {
			entries, err := os.ReadDir(path)
			if err != nil {
				status = p.failed(err, "can't open '%s'", path)
			}
			for _, e := range entries {
				sum += walk(joinShown(path, e.Name()), level+1)
			}
		}
		if level <= depth && (fi.IsDir() || o.has('a') || level == 0) {
			show(sum, path)
		}
		return sum
	}
	for _, name := range names {
		total += walk(name, 0)
	}
	if o.has('c') {
		show(total, "total")
	}
	return status
}

func dd(p *Proc) int {
	bs, count, skip, seek := int64(512), int64(-1), int64(0), int64(0)
	in, out, conv, quiet := "", "", "", false
	for _, a := range p.Args {
		key, value, _ := strings.Cut(a, "=")
		n, err := size(value)
		switch key {
		case "if":
			in, err = value, nil
		case "of":
			out, err = value, nil
		case "conv", "iflag", "oflag":
			conv, err = conv+","+value, nil
		case "status":
			quiet, err = value == "none", nil
		case "bs", "ibs", "obs":
			bs = n
		case "count":
			count = n
		case "skip":
			skip = n
		case "seek":
			seek = n
		default:
			return p.fail("unknown operand '%s'", a)
		}
		if err != nil || bs < 1 || bs > 64<<20 {
			return p.fail("invalid number '%s'", value)
		}
	}
	r, w := p.In, io.Writer(p.Out)
	if in != "" {
		f, err := os.Open(in)
		if err != nil {
			return p.cannotOpen(in, err)
		}
		defer f.Close()
		r = f
		f.Seek(skip*bs, io.SeekStart)
	}
	if out != "" {
		flags := os.O_WRONLY | os.O_CREATE
		if !strings.Contains(conv, "notrunc") && seek == 0 {
			flags |= os.O_TRUNC
		}
		f, err := os.OpenFile(out, flags, 0o666)
		if err != nil {
			return p.cannotOpen(out, err)
		}
		defer f.Close()
		f.Seek(seek*bs, io.SeekStart)
		w = f
	}
	return p.dd(r, w, bs, count, quiet)
}

func (p *Proc) dd(r io.Reader, w io.Writer, bs, count int64, quiet bool) int {
	start := time.Now()
	buf := make([]byte, bs)
	var full, part, total int64
	status := 0
	for count < 0 || full+part < count {
		n, err := r.Read(buf)
		if n > 0 {
			if int64(n) == bs {
				full++
			} else {
				part++
			}
			total += int64(n)
			if _, werr := w.Write(buf[:n]); werr != nil {
				status = p.failed(werr, "error writing")
				break
			}
		}
		if err != nil || n == 0 {
			break
		}
	}
	p.flush()
	if !quiet {
		d := max(time.Since(start).Seconds(), 1e-6)
		fmt.Fprintf(p.Err, "%d+%d records in\n%d+%d records out\n", full, part, full, part)
		fmt.Fprintf(p.Err, "%d bytes (%sB) copied, %f seconds, %sB/s\n", total, human(total), d, human(int64(float64(total)/d)))
	}
	return status
}
