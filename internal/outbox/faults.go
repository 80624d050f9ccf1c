package outbox

import "demarc/internal/fault"

const family = "platform"

// What can be wrong with a call about notifications.
var (
	EndpointInvalid    = fault.New(family, "endpoint_invalid", 400, "The endpoint breaks one or more rules.")
	EndpointNotFound   = fault.New(family, "endpoint_not_found", 404, "This application has no such endpoint.")
	EndpointLimit      = fault.New(family, "endpoint_limit", 409, "This application has as many endpoints as it may.")
	EndpointDisabled   = fault.New(family, "endpoint_disabled", 409, "The endpoint is disabled; enable it first.")
	EndpointUntestable = fault.New(family, "endpoint_untestable", 409, "Endpoints of this form have no test notification; wait for something to happen.")
	EndpointDeleted    = fault.New(family, "endpoint_deleted", 409, "The endpoint of this delivery has been deleted.")
	DeliveryNotFound   = fault.New(family, "delivery_not_found", 404, "This application has no such delivery.")
	CursorInvalid      = fault.New(family, "cursor_of_notifications_invalid", 400, "That is not a cursor: give the next of an earlier page, or the id of a notification.")
	TooManyStreams     = fault.New(family, "too_many_streams", 429, "Too many live streams are open; close one first.")
)
