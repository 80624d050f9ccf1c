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
