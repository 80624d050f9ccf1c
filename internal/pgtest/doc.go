// Package pgtest runs a real PostgreSQL for tests and benchmarks.
//
// What must hold on PostgreSQL is tested on PostgreSQL: not on an imitation,
// and not on a server that somebody has to start beforehand. A test asks for
// a database and gets one:
//
//	url := pgtest.URL(t)                              // empty, its own
//	url := pgtest.Template(t, "migrated", migrate)    // a copy of a prepared one
//
// The first call in a test process starts one server on a free loopback port;
// all tests of that process share it, each with a database of its own, which is
// dropped when the test ends. Benchmarks and the end-to-end suite, which want
// a server of their own, use Start.
//
// The binaries are those of the machine (Debian keeps them under
// /usr/lib/postgresql). When there are none, root installs them with apt-get;
// anybody else is told the one command that does it. Nothing is skipped.
//
// The server cannot outlive the process that asked for it, however that process
// ends: the kernel signals it (see hold in system_linux.go), and its directory
// is removed by a small helper that waits on the directory's lock, or else by
// the next start. PostgreSQL refuses to run as root, so root runs it as
// "postgres" or "nobody".
//
// Map: pgtest.go is what tests call, server.go a server's life, cluster.go the
// data directory and its cache, binaries.go where PostgreSQL is found, account.go
// who runs it, system_*.go and unsupported.go what differs between operating
// systems.
package pgtest
