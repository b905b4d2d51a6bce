package applet

import (
	"fmt"
	"strconv"
	"strings"

	"kubergarten/wasm/guest/busybox/cells"
	"kubergarten/wasm/guest/tty"
)

func ps(p *Proc) int {
	// Old style letters (aux, -ef) are taken and change nothing, as in busybox.
	columns := ""
	for i, a := range p.Args {
		if v, ok := strings.CutPrefix(a, "-o"); ok {
			if v == "" && i+1 < len(p.Args) {
				v = p.Args[i+1]
			}
			columns += "," + v
		}
	}
	if columns == "" {
		p.println("PID   USER     TIME  COMMAND")
		for _, x := range processes() {
			p.println(p.fit(fmt.Sprintf("%5d %-8.8s %5s %s", x.pid, userName(x.uid), x.time(), x.args)))
		}
		return 0
	}
	return p.psColumns(strings.Split(columns[1:], ","))
}

// fit cuts a line to the terminal's width.
func (p *Proc) fit(line string) string {
	if cols, _, err := tty.Size(1); err == nil && cols > 0 {
		return cells.Cut(line, cols)
	}
	return line
}

func (p *Proc) psColumns(columns []string) int {
	var heads, rows []string
	list := processes()
	rows = make([]string, len(list))
	for i, c := range columns {
		name, head, given := strings.Cut(c, "=")
		title, width, value := psColumn(name)
		if value == nil {
			return p.fail("bad -o argument '%s', supported arguments: user,group,comm,args,pid,ppid,pgid,vsz,rss,stat,time,etime,tty,nice,sid", name)
		}
		if given {
			title = head
		}
		width = max(width, len(title))
		last := i == len(columns)-1
		if last {
			width = 0
		}
		heads = append(heads, fmt.Sprintf("%-*s", width, title))
		for j, x := range list {
			if j >= len(rows) {
				break
			}
			if i > 0 {
				rows[j] += " "
			}
			v := value(x)
			if width < 0 || strings.HasSuffix(name, "pid") || name == "vsz" || name == "rss" {
				rows[j] += fmt.Sprintf("%*s", width, v)
			} else {
				rows[j] += fmt.Sprintf("%-*s", width, v)
			}
		}
	}
	if h := strings.Join(heads, " "); strings.TrimSpace(h) != "" {
		p.println(h)
	}
	for _, r := range rows {
		p.println(p.fit(r))
	}
	return 0
}

func psColumn(name string) (title string, width int, value func(process) string) {
	switch name {
	case "pid":
		return "PID", 5, func(x process) string { return strconv.Itoa(x.pid) }
	case "ppid":
		return "PPID", 5, func(x process) string { return strconv.Itoa(x.ppid) }
	case "pgid", "sid":
		return strings.ToUpper(name), 5, func(x process) string { return strconv.Itoa(x.pid) }
	case "user", "ruser":
		return "USER", 8, func(x process) string { return userName(x.uid) }
	case "group", "rgroup":
		return "GROUP", 8, func(x process) string { return groupName(x.uid) }
	case "comm":
		return "COMMAND", 16, func(x process) string { return x.comm }
	case "args", "cmd":
		return "COMMAND", 0, func(x process) string { return x.args }
	case "time":
		return "TIME", 5, process.time
	case "etime":
		return "ELAPSED", 7, func(process) string { return "-" }
	case "vsz", "rss":
		return strings.ToUpper(name), 4, func(x process) string { return memory(x.vsz) }
	case "stat":
		return "STAT", 4, func(x process) string { return x.state }
	case "tty":
		return "TT", 6, func(process) string { return "?" }
	case "nice":
		return "NI", 5, func(process) string { return "0" }
	}
	return "", 0, nil
}

// memory is a size in KB, or MB with an m.
func memory(bytes uint64) string {
	if kb := bytes / 1024; kb < 100000 {
		return strconv.FormatUint(kb, 10)
	}
	return strconv.FormatUint(bytes>>20, 10) + "m"
}
