package lessons_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const written = `# A page

Make a page.

Before all.

## Make it

**Do** it:

` + "```yaml\nkind: Pod # a pod\nname: ____\n```" + `

### Guess

Who?

- kubectl, of course
- the ` + "`kubelet`" + `

## Name it

Which one?

## Mend it

It is broken.
`

func TestALessonAsItIsWritten(t *testing.T) {
	l, _ := load(t).Lesson("01-web")
	if diff := cmp.Diff(written, l.In("en").Markdown(false, false)); diff != "" {
		t.Error(diff)
	}
	const hints = "Which one?\n\n### Hints\n\n1. a\n2. b\n3. c\n\n## Mend it\n"
	if got := l.In("en").Markdown(true, false); !strings.Contains(got, hints) {
		t.Errorf("with hints:\n%s", got)
	}
	const solved = "Which one?\n\n### 解答\n\n```\n# etcd\n```\n\n## Mend it\n\nIt is broken.\n\n### 解答\n\n```\nkubectl patch\n```\n"
	if got := l.In("zh-CN").Markdown(false, true); !strings.HasSuffix(got, solved) {
		t.Errorf("with solutions:\n%s", got)
	}
}
