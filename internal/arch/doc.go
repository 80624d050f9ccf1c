// Package arch holds the laws of the house as tests, and nothing else.
//
// A law that only people enforce is kept until the first busy week. Those that
// a machine can check are checked here, on the source itself, by `go test`: who
// may import whom, who may ask for the time, what SQL may say, how long a
// function may be. Each law is a subtest of TestLaws; its finding names the file
// and line and says what to do instead. TestLawsBite feeds every law a small
// piece of code that breaks it, so that no law can go blind unnoticed.
//
// Map: house_test.go reads the repository, arch_test.go runs the laws and proves
// that they bite, bites_test.go has the examples; the laws themselves are in
// imports_test.go, time_test.go, sql_test.go, shape_test.go and conduct_test.go.
//
// To add a law: write a function from a house to its findings, list it in laws
// with its reason, and give it at least one example that breaks it and one that
// keeps it.
package arch
