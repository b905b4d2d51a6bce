package cells

import "testing"

func TestOf(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "abc": 3, "ü": 1, "u\u0308": 1, "容器": 4, "Pod 副本": 8, "，": 2, "가": 2, "\u200b": 0, "〿": 1, "😀": 1, "𠀀": 2,
	} {
		if got := Of(text); got != want {
			t.Errorf("%q is %d wide, want %d", text, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		text  string
		width int
		want  string
	}{
		{"abc", 5, "abc"}, {"abc", 2, "ab"}, {"容器", 3, "容"}, {"容器", 4, "容器"}, {"容器", 0, ""}, {"u\u0308x", 1, "u\u0308"},
	} {
		if got := Cut(tt.text, tt.width); got != tt.want {
			t.Errorf("%q at %d is %q, want %q", tt.text, tt.width, got, tt.want)
		}
	}
}
