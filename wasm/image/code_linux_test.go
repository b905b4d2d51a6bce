package image

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tetratelabs/wazero"
)

func TestFindCode(t *testing.T) {
	const maps = `00400000-007d8000 r--p 00000000 08:01 1835 /usr/bin/kubergarten
0191a000-044f2000 r-xp 0151a000 08:01 1835 /usr/bin/kubergarten
7fccc9579000-7fcccc000000 r-xp 00000000 00:00 0
7fccce2ad000-7fccce3b4000 rw-p 00000000 00:00 0
7fcccf000000-7fcccf001000 r-xp 00000000 00:00 0
7fccd1000000-7fccd2000000 r-xp 00000000 08:01 10078527 /root/.cache/kubergarten/#10078527 (deleted)
7fccd2000000-7fccd4000000 r-xp 00000000 08:01 1835 /usr/bin/kubergarten (deleted)
7ffdf0565000-7ffdf0767000 r-xp 00000000 00:00 0 [vdso]
`
	inMemory, inFile, err := findCode(strings.NewReader(maps), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	got := [][]code{inMemory, inFile}
	want := [][]code{{{0x7fccc9579000, 0x7fcccc000000}}, {{0x7fccd1000000, 0x7fccd2000000}}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(code{})); diff != "" {
		t.Error(diff)
	}
}

func FuzzFindCode(f *testing.F) {
	f.Add("7fccc9579000-7fcccc000000 r-xp 00000000 00:00 0\n", uint64(1))
	f.Fuzz(func(t *testing.T, maps string, least uint64) {
		inMemory, inFile, _ := findCode(strings.NewReader(maps), max(least, 1))
		for _, c := range append(inMemory, inFile...) {
			if c.to-c.from < least {
				t.Errorf("%x-%x", c.from, c.to)
			}
		}
	})
}

// TestCodeToDisk: a program runs on when its code has become a file, and ends.
func TestCodeToDisk(t *testing.T) {
	dir := t.TempDir()
	s := newStore(t, Config{Dir: dir})
	p, err := s.Program(t.Context(), "hello")
	if err != nil {
		t.Fatal(err)
	}
	m, err := s.Runtime().InstantiateModule(t.Context(), p.Module, wazero.NewModuleConfig())
	if err != nil {
		t.Fatal(err)
	}
	if err := codeToDisk(dir, 1); err != nil {
		t.Fatal(err)
	}
	maps, _ := os.ReadFile("/proc/self/maps")
	if code := regexp.MustCompile(`r-xp .*` + regexp.QuoteMeta(dir)); !code.Match(maps) {
		t.Errorf("no code lies in %s:\n%s", dir, maps)
	}
	if err := restCode(); err != nil {
		t.Fatal(err)
	}
	if _, err := m.ExportedFunction("poke").Call(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b, _ := m.Memory().ReadByte(8); b != 1 {
		t.Errorf("poke wrote %d", b)
	}
	if left, _ := os.ReadDir(dir); len(left) > 2 {
		t.Errorf("left in the directory: %v", left)
	}
}
