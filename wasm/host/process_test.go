package host

import (
	"testing"
)

func TestGuest(t *testing.T) {
	tests := []struct {
		name string
		args []string
		out  string
		code int
	}{
		{"no arguments", nil, text("hello"), 0},
		{"arguments", []string{"echo", "a b", "", "ü"}, text("a b  ü"), 0},
		{"exit code", []string{"exit", "3"}, "", 3},
		{"exit code of eight bits", []string{"exit", "258"}, "", 2},
		{"a file", []string{"cat", "/etc/passwd"}, text("root:x:0:0"), 0},
		{"no file", []string{"cat", "/etc/none"}, "", 1},
		{"files", []string{"files"}, text("one", "two", "8 true", "c/f", "true", `"one"`, "[]",
			"open /new/dir/f: No such file or directory", "remove /bin: Directory not empty"), 0},
		{"directory", []string{"ls", "/"}, text("[bin/ dev/ etc/ proc/ tmp/]"), 0},
		{"time passes", []string{"deadline"}, text("true"), 0},
		{"identity", []string{"whoami"}, text("1 0 0 pod-1"), 0},
		{"child", []string{"run", "/bin/guest", "whoami"}, text("2 1 0 pod-1", "child true status 0 signal 0"), 0},
		{"child's code", []string{"run", "/bin/guest", "exit", "9"}, text("child true status 9 signal 0"), 0},
		{
			"grandchild",
			[]string{"run", "/bin/guest", "run", "/bin/guest", "exit", "9"},
			text("child true status 9 signal 0", "child true status 0 signal 0"), 0,
		},
		{"pipeline", []string{"pipeline"}, text("<through a pipe>"), 0},
		{"no child, no program", []string{"nochild"}, text("12", "44", "2", "8"), 0},
		{"exec", []string{"exec", "/bin/guest", "env"}, text("before 1", "NEW=1", "PWD=/tmp"), 0},
		{"exec keeps the number", []string{"exec", "/bin/guest", "whoami"}, text("before 1", "1 0 0 pod-1"), 0},
		{"modes", []string{"modes"}, text("100644 0 0", "104751 1000 0", "0 0 0", "22", "100600 0 0"), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBox(t, tt.args...)
			x := b.run()
			want(t, "output", b.out.String(), tt.out)
			want(t, "exit code", x.Code, tt.code)
			if tt.code == 0 {
				want(t, "errors", b.err.String(), "")
			}
		})
	}
}
