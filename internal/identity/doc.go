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
// A person signs in with a password and gets a session, which is kept like a token:
// 256 random bits, stored as SHA-256 only. A session holds for one version of its
// person, so that a new password, another role or a removal ends it at once, on every
// node. Guessing is bounded by counts in the database. What people do about accounts
// is in the production world's trail, under person/ and their address.
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
//	people.go        people: the first administrator, sign in, add, remove, roles
//	signup.go        an organisation and its first person, by themselves
//	sessions.go      who is signed in, what they look at; a new password
//	passwordrules.go which passwords are good; password.go: argon2id
//	throttle.go      what bounds guessing
//	claims.go        asking to act for a customer
//	stafflists.go    what the carrier's staff looks through and decides about
//	usage.go         when a secret was last used, in batches
//	purge.go         the end of old tokens, sessions and counts
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
//	IDN-CLM-01  a request to act for a customer is decided once, and grants what it asked for
//	IDN-CLM-02  it is not made twice at a time, nor for what is granted
//	IDN-CLM-03  what is said about the decision has at most 500 characters
//	IDN-PWD-01  a password has 12 to 128 characters
//	IDN-PWD-02  at least 6 of them differ
//	IDN-PWD-03  it is no run of the keyboard, the alphabet or the digits
//	IDN-PWD-04  it holds neither the person's address, nor the organisation's name, nor demarc
//	IDN-PWD-05  a new password comes with the old one, and is another
//	IDN-SEC-01  at most two secrets are live
//	IDN-SEC-02  a secret lives between nothing and ten years
//	IDN-SES-01  a session's token is kept as its hash only
//	IDN-SES-02  a session ends after 12 hours without use, and after 7 days
//	IDN-SES-03  it ends with its person's password, role or account
//	IDN-SES-04  signing in ends the session that was there before
//	IDN-SES-05  too many wrong passwords are refused until their quarter of an hour ends
//	IDN-SUP-01  who signs up is a developer, a buyer or a provider
//	IDN-SUP-02  signing up with a known address looks like signing up
//	IDN-SUP-03  sign-ups from one network address are bounded
//	IDN-TOK-01  only an approved application gets a token
//	IDN-TOK-02  a token ends by its world's clock, with its secret, or with its application
//	IDN-TOK-03  without a secret, only a sandbox's application gets one, for half an hour
//	IDN-USR-01  people are known by their e-mail address
//	IDN-USR-02  staff and administrators are the carrier's people, and only they
//	IDN-USR-03  there is always an administrator
//	IDN-USR-04  nobody removes themselves
//	IDN-USR-05  who was given a password changes it
package identity
