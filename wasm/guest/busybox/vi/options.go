package vi

import (
	"fmt"
	"strconv"
	"strings"
)

// options are what :set sets.
type options struct {
	autoindent, expandtab, flash, ignorecase, showmatch bool

	tabstop int
}

const maxTabstop = 32

// set does :set; it returns the word that is no option.
func (o *options) set(args string) (bad string) {
	for word := range strings.FieldsSeq(args) {
		name, value, given := strings.Cut(word, "=")
		if given {
			n, err := strconv.Atoi(value)
			if name != "ts" && name != "tabstop" || err != nil || n < 1 || n > maxTabstop {
				return word
			}
			o.tabstop = n
			continue
		}
		flag := o.flag(name)
		on := flag != nil
		if !on {
			flag = o.flag(strings.TrimPrefix(name, "no"))
		}
		if flag == nil {
			return word
		}
		*flag = on
	}
	return ""
}

func (o *options) flag(name string) *bool {
	switch name {
	case "ai", "autoindent":
		return &o.autoindent
	case "et", "expandtab":
		return &o.expandtab
	case "fl", "flash":
		return &o.flash
	case "ic", "ignorecase":
		return &o.ignorecase
	case "sm", "showmatch":
		return &o.showmatch
	}
	return nil
}

// String is `:set all`.
func (o *options) String() string {
	no := func(on bool) string {
		if on {
			return ""
		}
		return "no"
	}
	return fmt.Sprintf("%sautoindent %sexpandtab %sflash %signorecase %sshowmatch tabstop=%d",
		no(o.autoindent), no(o.expandtab), no(o.flash), no(o.ignorecase), no(o.showmatch), o.tabstop)
}
