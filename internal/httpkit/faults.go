package httpkit

import "demarc/internal/fault"

const platform = "platform"

// The faults of the edge itself, which every product shares.
var (
	Malformed          = fault.New(platform, "malformed_request", 400, "The request cannot be read.")
	Invalid            = fault.Invalid
	Unauthorized       = fault.New(platform, "token_missing", 401, "Send an access token: Authorization: Bearer <token>.")
	Forbidden          = fault.New(platform, "forbidden", 403, "This application may not do that.")
	SandboxOnly        = fault.New(platform, "sandbox_only", 403, "Only applications of a sandbox world can do that.")
	ProductNotApproved = fault.New(platform, "product_not_approved", 403, "This application has not been approved for that product.")
	CustomerRequired   = fault.New(platform, "customer_number_required", 400, "Say for which customer: x-customer-number.")
	CustomerForbidden  = fault.New(platform, "customer_forbidden", 403, "This application may not act for that customer.")
	CustomerSuspended  = fault.New(platform, "customer_suspended", 403, "That customer is suspended.")
	NotFound           = fault.New(platform, "not_found", 404, "There is no such thing.")
	MethodNotAllowed   = fault.New(platform, "method_not_allowed", 405, "That method is not possible here.")
	TooLarge           = fault.New(platform, "body_too_large", 413, "The body is too large.")
	MediaType          = fault.New(platform, "unsupported_media_type", 415, "Send JSON: Content-Type: application/json.")
	KeyReused          = fault.New(platform, "idempotency_key_reused", 422, "This Idempotency-Key was used for another request.")
	KeyBusy            = fault.New(platform, "idempotency_in_progress", 409, "The first request with this Idempotency-Key is still under way.")
	TooManyRequests    = fault.New(platform, "rate_limited", 429, "Too many requests; slow down.")
	Internal           = fault.New(platform, "internal_error", 500, "Something went wrong on our side. The request id finds it in our logs.")
	Overloaded         = fault.New(platform, "overloaded", 503, "Too much is under way; try again shortly.")
	Timeout            = fault.New(platform, "deadline_exceeded", 503, "The request took too long and changed nothing.")
)
