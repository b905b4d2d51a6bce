package image

import "golang.org/x/sys/unix"

// memorySize is how much memory the machine has.
func memorySize() int64 {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return someMemory
	}
	return int64(info.Totalram) * int64(info.Unit)
}

// someMemory is assumed where the system does not tell.
const someMemory = 4 << 30
