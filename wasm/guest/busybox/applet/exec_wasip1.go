package applet

import "syscall"

func replaceProcess(path string, words, env []string) error {
	return syscall.Exec(path, words, env)
}
