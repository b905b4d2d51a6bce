package cluster

import (
	"embed"
	"fmt"

	"kubergarten/engine/controllermanager"
	"kubergarten/engine/scheduler"
)

// CheckFlag says why a component of the control plane would not start with a
// flag, or nil. Flags that name files are checked against an empty node.
func CheckFlag(component, flag, value string) error {
	args := []string{"--" + flag + "=" + value}
	var err error
	switch component {
	case "kube-controller-manager":
		_, err = controllermanager.ParseFlags(args, embed.FS{})
	case "kube-scheduler":
		_, err = scheduler.ParseFlags(args)
	default:
		err = fmt.Errorf("%s takes no flags from here", component)
	}
	return err
}
