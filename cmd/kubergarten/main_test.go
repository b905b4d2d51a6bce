package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run this binary as kubergarten and as the kubectl that
// is built into it. KUBECTL names another kubectl to test with.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"kubergarten": main,
		"kubectl":     func() { runKubectl(os.Args[1:]) },
	})
}

// TestScripts runs testdata/script: one behaviour a file.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: setup,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"cluster":     startCluster,
			"stopcluster": stopCluster,
			"eventually":  eventually,
		},
	})
}
