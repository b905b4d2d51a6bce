// Package engine is the package root of Kubernetes: upstream's pkg/X is our
// engine/X. It holds no code of its own, only the law of imports as a test.
package engine
