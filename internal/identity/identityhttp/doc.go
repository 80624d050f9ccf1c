// Package identityhttp is the OAuth 2.0 server of the platform: access tokens for
// applications by client credentials (RFC 6749 4.4), their revocation (RFC 7009)
// and introspection (RFC 7662), and the document that tells clients where all of
// this is (RFC 8414).
//
// Requests are forms, not JSON, and errors are the RFCs' own objects, not the
// platform's envelope. Failures that the RFCs have no code for (a database that
// does not answer, a wrong method) are answered by the edge like any other.
//
//	oauth.go     the routes and their handlers
//	request.go   the form, and who the client says it is
//	answer.go    answers and errors
//
// Token issue is a hot path: the form is read without maps, and the answer is
// written by hand.
package identityhttp
