package care

import "demarc/internal/fault"

// The coded errors of the product: one for each status that the source documents.
// A text is what the source's envelope calls the message; what happened is in the
// description, which each occurrence brings along.
var (
	BadRequest       = fault.New(Product, "care_bad_request", 400, "APIKIT:BAD_REQUEST")
	Unauthenticated  = fault.New(Product, "care_unauthenticated", 401, "The user could not be authenticated for this request.")
	Forbidden        = fault.New(Product, "care_forbidden", 403, "The client is not permitted to perform this request.")
	NotFound         = fault.New(Product, "care_not_found", 404, "The request is invalid or not properly formed.")
	MethodNotAllowed = fault.New(Product, "care_method_not_allowed", 405, "APIKIT:METHOD_NOT_ALLOWED")
	Failed           = fault.New(Product, "care_failed", 500, "The request failed due to an internal error.")
	NotImplemented   = fault.New(Product, "care_not_implemented", 501, "Not implemented")
	NotAvailable     = fault.New(Product, "care_unavailable", 503, "HTTP:SERVICE_UNAVAILABLE")
)
