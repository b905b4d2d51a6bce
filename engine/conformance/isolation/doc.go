// Package isolation gives a test a process without a network, to show that what
// it tests needs nobody outside of the computer.
//
// Upstream has no such package; its tests run where the builder put them.
//
// How it works. The test's program is started once more, for this test alone,
// in a user and a network namespace of its own, whose loopback is the only
// interface. There the test runs as it is written.
//
// What we leave out: other systems than Linux, and kernels that give users no
// such namespaces. There a test runs in place, and says so.
package isolation
