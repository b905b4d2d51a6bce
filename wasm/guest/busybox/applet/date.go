package applet

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

func date(p *Proc) int {
	o, words, ok := p.getopt("Rus:d:D:r:I", "utc=u", "date=d", "rfc-2822=R", "reference=r")
	if !ok {
		return 1
	}
	now := time.Now()
	if o.has('r') {
		fi, err := os.Stat(o.value('r'))
		if err != nil {
			return p.failed(err, "%s", o.value('r'))
		}
		now = fi.ModTime()
	}
	format := ""
	for _, w := range words {
		if f, ok := strings.CutPrefix(w, "+"); ok {
			format = f
			continue
		}
		return p.fail("can't set date: Operation not permitted")
	}
	if o.has('s') {
		return p.fail("can't set date: Operation not permitted")
	}
	if o.has('d') {
		t, ok := parseDate(o.value('d'), now)
		if !ok {
			return p.fail("invalid date '%s'", o.value('d'))
		}
		now = t
	}
	if o.has('u') {
		now = now.UTC()
	}
	switch {
	case format != "":
		p.println(strftime(format, now))
	case o.has('R'):
		p.println(now.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	case o.has('I'):
		p.println(now.Format("2006-01-02"))
	default:
		p.println(now.Format("Mon Jan _2 15:04:05 MST 2006"))
	}
	return 0
}

// parseDate understands what busybox's -d does.
func parseDate(text string, now time.Time) (time.Time, bool) {
	if s, ok := strings.CutPrefix(text, "@"); ok {
		n, err := strconv.ParseInt(s, 10, 64)
		return time.Unix(n, 0), err == nil
	}
	for _, layout := range []string{
		"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "2006.01.02-15:04:05", "2006.01.02-15:04",
		"2006-01-02T15:04:05Z07:00", "200601021504.05", "200601021504", "Mon Jan _2 15:04:05 MST 2006", "Mon, 02 Jan 2006 15:04:05 -0700",
	} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, true
		}
	}
	for _, layout := range []string{"15:04:05", "15:04"} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), t.Second(), 0, now.Location()), true
		}
	}
	if text == "now" {
		return now, true
	}
	return time.Time{}, false
}

// strftime formats a time as C does.
func strftime(format string, t time.Time) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		if (format[i] == '-' || format[i] == '_') && i+1 < len(format) {
			i++
			b.WriteString(strings.TrimLeft(conversion(format[i], t), "0 "))
			continue
		}
		b.WriteString(conversion(format[i], t))
	}
	return b.String()
}

func conversion(c byte, t time.Time) string {
	layouts := map[byte]string{
		'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM",
		'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'h': "Jan", 'Z': "MST", 'z': "-0700", 'T': "15:04:05", 'R': "15:04",
		'F': "2006-01-02", 'D': "01/02/06", 'c': "Mon Jan _2 15:04:05 2006", 'x': "01/02/06", 'X': "15:04:05", 'r': "03:04:05 PM",
	}
	if l, ok := layouts[c]; ok {
		return t.Format(l)
	}
	switch c {
	case 's':
		return strconv.FormatInt(t.Unix(), 10)
	case 'N':
		return fmt.Sprintf("%09d", t.Nanosecond())
	case 'j':
		return fmt.Sprintf("%03d", t.YearDay())
	case 'u':
		return strconv.Itoa((int(t.Weekday())+6)%7 + 1)
	case 'w':
		return strconv.Itoa(int(t.Weekday()))
	case 'V', 'U', 'W':
		_, week := t.ISOWeek()
		return fmt.Sprintf("%02d", week)
	case 'C':
		return fmt.Sprintf("%02d", t.Year()/100)
	case 'k':
		return fmt.Sprintf("%2d", t.Hour())
	case 'l':
		return fmt.Sprintf("%2d", (t.Hour()+11)%12+1)
	case 'P':
		return strings.ToLower(t.Format("PM"))
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case '%':
		return "%"
	}
	return "%" + string(rune(c))
}
