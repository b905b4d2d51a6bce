package host

// sockAddrinfo resolves a name.
func sockAddrinfo(p *Process, a args) errno { return eNOSYS }
