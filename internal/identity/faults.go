package identity

import "demarc/internal/fault"

const platform = "platform"

// The coded errors of identity. The first four answer a bearer token.
var (
	TokenInvalid = fault.New(platform, "token_invalid", 401, "The access token is not known here, or was revoked; request a new one.")
	TokenExpired = fault.New(platform, "token_expired", 401, "The access token has expired; request a new one.")
	TokenRevoked = fault.New(platform, "token_secret_revoked", 401, "The secret that this access token was issued for has been revoked; request a token with a live one.")
	AppRevoked   = fault.New(platform, "app_revoked", 401, "The application has been revoked.")

	AppUnknown      = fault.New(platform, "app_unknown", 404, "There is no such application.")
	SecretUnknown   = fault.New(platform, "secret_unknown", 404, "The application has no such secret, or it has been revoked already.")
	SecretLimit     = fault.New(platform, "secret_limit", 409, "The application has two live secrets already; revoke one first.")
	ApprovalMove    = fault.New(platform, "approval_wrong_move", 409, "That is not possible in the present state.")
	AppChanged      = fault.New(platform, "app_changed", 409, "The application was changed meanwhile; look again.")
	CustomerUnknown = fault.New(platform, "customer_unknown", 404, "The world has no such customer.")
	OrgUnknown      = fault.New(platform, "organisation_unknown", 404, "There is no such organisation.")
	WorldUnknown    = fault.New(platform, "app_world_unknown", 404, "There is no such world.")
	SignInFailed    = fault.New(platform, "sign_in_failed", 401, "The e-mail address and the password do not belong together.")
	SignInThrottled = fault.New(platform, "sign_in_throttled", 429, "There were too many wrong passwords; wait before you try again.")
	SignUpThrottled = fault.New(platform, "sign_up_throttled", 429, "Too many people signed up from where you are; wait before you try again.")
	SessionEnded    = fault.New(platform, "session_ended", 401, "You are signed out; sign in again.")
	PersonKnown     = fault.New(platform, "person_known", 409, "Somebody with this e-mail address is known already.")
	PersonUnknown   = fault.New(platform, "person_unknown", 404, "The organisation has nobody with this e-mail address.")
	PersonStays     = fault.New(platform, "person_stays", 409, "That would leave nobody who can undo it.")
	NoDocsToken     = fault.New(platform, "app_takes_no_token", 409, "Only an approved application of a sandbox gets a token without its secret.")
	ClaimUnknown    = fault.New(platform, "claim_unknown", 404, "There is no such request to act for a customer.")
	ClaimPending    = fault.New(platform, "claim_pending", 409, "The application has asked for this customer already; the carrier's staff decides.")
	ClaimNeedless   = fault.New(platform, "claim_needless", 409, "The application may act for this customer already.")
	ClaimChanged    = fault.New(platform, "claim_changed", 409, "The request was decided meanwhile; look again.")
)

// The errors of the OAuth endpoints, RFC 6749 5.2. On the wire their id goes
// without its prefix, which only keeps the catalogue's ids apart; their texts
// keep to the characters that the RFC allows in error_description.
var (
	OAuthInvalidRequest     = fault.New("oauth", "oauth_invalid_request", 400, "The request lacks something, or holds it twice, or cannot be read.")
	OAuthInvalidClient      = fault.New("oauth", "oauth_invalid_client", 401, "The client id and the secret do not belong together, or there are none.")
	OAuthUnauthorizedClient = fault.New("oauth", "oauth_unauthorized_client", 400, "The application is not approved.")
	OAuthUnsupportedGrant   = fault.New("oauth", "oauth_unsupported_grant_type", 400, "The only grant_type is client_credentials.")
	OAuthInvalidScope       = fault.New("oauth", "oauth_invalid_scope", 400, "There are no scopes; leave scope out.")
)
