// Package identity knows who calls: organisations, their applications with
// secrets and access tokens, the customers that an application may act for, and
// the people with a password.
//
// An application belongs to one organisation and one world, so that a sandbox's
// keys open nothing else. It has at most two live secrets, which makes changing
// one seamless. With a secret it gets access tokens (OAuth 2.0 client
// credentials); a token is looked up on every call. Secrets and tokens have 256
// random bits each, are shown once, and are stored as SHA-256 only.
//
// Both lookups are answered from bounded caches in front of the database. What
// this node changes is forgotten here at once; what another node changes is seen
// within two seconds, the age at which an entry is read again. Tokens that are
// issued at the same time are inserted together, and nobody is answered before
// the commit.
//
// The rooms:
//
//	identity.go      the service, its options and types; Run, its housekeeping
//	rules.go         pure decisions, each with its id
//	machine.go       an approval's life, as a table
//	faults.go        the coded errors
//	apps.go          applications: create, approve, revoke, grant, list
//	keys.go          secrets: rotate, revoke
//	customers.go     customers, the numbers they go by, and who may act for them
//	clients.go       is this the application it says it is? (id and secret)
//	tokens.go        issue, introspect, revoke
//	authenticate.go  whose token is this?
//	cache.go         the bounded cache
//	mint.go          ids, secrets, tokens and their hashes
//	people.go        users; password.go: argon2id
//	usage.go         when a secret was last used, in batches
//	purge.go         the end of old tokens
//	check.go         the invariants
//	identityhttp/    the OAuth endpoints
//	identitytest/    applications for other packages' tests
//
// The rules, by id:
//
//	IDN-APP-01  an application has a name of 1 to 80 printable characters
//	IDN-APP-02  it asks for at least one product, each known and named once
//	IDN-APP-03  in a sandbox it belongs to the sandbox's organisation
//	IDN-APP-04  it lives in the production world or in a sandbox, not in a snapshot
//	IDN-APP-05  in a sandbox it is approved at once
//	IDN-CUS-01  only in a sandbox may an application act for all customers
//	IDN-CUS-02  acting for a number is acting for the customer it goes by
//	IDN-SEC-01  at most two secrets are live
//	IDN-SEC-02  a secret lives between nothing and ten years
//	IDN-TOK-01  only an approved application gets a token
//	IDN-TOK-02  a token ends by its world's clock, with its secret, or with its application
//	IDN-USR-01  people are known by their e-mail address
package identity
