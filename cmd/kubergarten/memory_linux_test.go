package main

import "testing"

func TestUnchanged(t *testing.T) {
	for _, tt := range []struct {
		name, line string
		want       bool
	}{
		{"code", "00400000-028a1000 r-xp 00000000 fe:00 1311 /bin/kubergarten\n", true},
		{"tables", "028a1000-05d32000 r--p 024a1000 fe:00 1311 /bin/kubergarten\n", true},
		{"data", "05d32000-05f0f000 rw-p 05932000 fe:00 1311 /bin/kubergarten\n", false},
		{"another file", "7f00-8f00 r-xp 00000000 fe:00 99 /lib/libc.so\n", false},
		{"no file", "c000000000-c004000000 r--p 00000000 00:00 0 \n", false},
		{"code of guests", "7f3a00000000-7f3a02000000 r-xp 00000000 00:00 0 \n", false},
		{"rubbish", "zz-yy r-xp 00000000 fe:00 1311 /bin/kubergarten\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			from, to, ok := unchanged(tt.line, "/bin/kubergarten")
			if ok != tt.want || ok && from >= to {
				t.Errorf("got %#x-%#x, %v, want %v", from, to, ok, tt.want)
			}
		})
	}
}
