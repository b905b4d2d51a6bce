package workbench

import (
	"os"
	"strings"
	"testing"

	"kubergarten/wasm/host/vfs"
)

// TestVi is how a lesson's gap is filled.
func TestVi(t *testing.T) {
	l := newLab(t)
	s := l.open("owner")
	must(t, os.WriteFile(l.home("owner", "waiting.yaml"), []byte("kind: Pod\nname: ____\n"), 0o640))
	s.keys("vi waiting.yaml\r")
	s.await("- waiting.yaml 1/2 50%")
	s.keys("/__\r")
	s.await("- waiting.yaml 2/2 100%")
	s.keys("Cweb # 网页\x1b")
	s.await("name: web # 网页")
	s.await("- waiting.yaml [Modified] 2/2 100%")
	s.keys(":w\r")
	s.await("'waiting.yaml' 2L, 29C")
	s.keys("\x1b[AAs\x1b")
	s.await("kind: Pods")
	s.Resize(30, 8)
	s.await("\x1b[H\x1b[J\x1b[1;1H\x1b[Kkind: Pods")
	s.await("\x1b[8;1H\x1b[K- waiting.yaml [Modified] 1/2 ")
	s.keys("u")
	s.await("Undo [1] deleted 1 chars at po")
	s.keys(":q\r")
	s.await("\x1b[8;1H\x1b[K\x1b[?1049l")
	s.await("# ")
	s.says("cat waiting.yaml; stat -c %a waiting.yaml; ls -A | grep -c vi; stty", "kind: Pod\nname: web # 网页\n640\n0\nspeed 38400 baud; line = 0;\n-brkint -imaxbel iutf8\n", "0")
	s.keys("vi new\r")
	s.await("- new 1/1 100%")
	s.keys("ifresh\x1bZZ")
	s.await("\x1b[?1049l")
	s.await("# ")
	s.says("cat new; stat -c %a new", "fresh\n644\n", "0")
}

// TestViMakesRoom holds that a file can be made smaller on a full disk.
func TestViMakesRoom(t *testing.T) {
	l := newLab(t, func(c *Config) { c.Quota = vfs.Quota{Bytes: 100 << 10, Inodes: 20} })
	s := l.open("owner")
	s.says("seq 12000 > f", "", "0")
	s.keys("vi f\r")
	s.await("- f 1/12000 0%")
	s.keys("dd:wq\r")
	s.await("\x1b[?1049l")
	s.await("# ")
	s.says("head -n1 f; wc -l f; ls -A | cat", "2\n11999 f\nf\n", "0")
}

// TestViOnAFullDisk holds that a file which cannot be saved stays as it is, and
// its text in the editor.
func TestViOnAFullDisk(t *testing.T) {
	l := newLab(t, func(c *Config) { c.Quota = vfs.Quota{Bytes: 100 << 10, Inodes: 20} })
	s := l.open("owner")
	s.says("seq 5000 > f; dd if=/dev/zero of=big bs=1024 count=70 2>/dev/null", "", "0")
	s.keys("vi f\r")
	s.await("- f 1/5000 0%")
	s.keys("yyp:wq\r")
	s.await("\x1b[7m'f' No space left on device\x1b[m")
	s.keys(":!rm\r")
	s.await("is not implemented")
	must(t, os.Remove(l.home("owner", "big")))
	other := l.open("owner")
	other.says("head -n1 f; ls -A | cat; kubectl echo", "1\nf\n\n", "0")
	s.keys(":wq\r")
	s.await("\x1b[?1049l")
	s.await("# ")
	shown, _ := s.run("head -n1 f; wc -l f")
	if !strings.HasPrefix(shown, "1\r\n5001 f") {
		t.Errorf("shows %q", shown)
	}
}
