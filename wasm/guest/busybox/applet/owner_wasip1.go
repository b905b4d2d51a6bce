package applet

import (
	"syscall"
	"time"
)

func statTimes(st *syscall.Stat_t) (atime, ctime time.Time) {
	return time.Unix(0, int64(st.Atime)), time.Unix(0, int64(st.Ctime))
}
