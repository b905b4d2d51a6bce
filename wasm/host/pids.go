package host

// PIDs is a PID namespace.
type PIDs struct{}

// NewPIDs returns an empty PID namespace. Its first process is PID 1, at whose
// end all others are killed.
func NewPIDs() *PIDs { return &PIDs{} }

// Kill kills all processes of the namespace.
func (n *PIDs) Kill() {}
