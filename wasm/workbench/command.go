package workbench

import "kubergarten/wasm/host"

// A Command is a native program's arguments, streams and terminal.
type Command = host.Command
