// Package outboxhttp is the HTTP side of the outbox: an application's endpoints,
// what became of each delivery, and its notifications as pages or as a live
// stream. Handlers decode, call one use case of outbox.Service, and encode.
package outboxhttp

import (
	"time"

	"demarc/internal/httpkit"
	"demarc/internal/outbox"
)

// api is what the handlers share.
type api struct {
	k *httpkit.Kit
	s *outbox.Service
}

// Routes is every operation on endpoints, deliveries and notifications.
func Routes(k *httpkit.Kit, s *outbox.Service) []httpkit.Route {
	a := &api{k, s}
	const endpoints, deliveries = "/webhooks/v1/endpoints", "/webhooks/v1/deliveries"
	return []httpkit.Route{
		{Method: "POST", Pattern: endpoints, OperationID: "createEndpoint", Handle: a.createEndpoint},
		{Method: "GET", Pattern: endpoints, OperationID: "listEndpoints", Handle: a.listEndpoints},
		{Method: "GET", Pattern: endpoints + "/{id}", OperationID: "getEndpoint", Handle: a.getEndpoint},
		{Method: "PATCH", Pattern: endpoints + "/{id}", OperationID: "updateEndpoint", Handle: a.updateEndpoint},
		{Method: "DELETE", Pattern: endpoints + "/{id}", OperationID: "deleteEndpoint", Handle: a.deleteEndpoint},
		{Method: "POST", Pattern: endpoints + "/{id}/secret", OperationID: "rotateEndpointSecret", Handle: a.rotateSecret},
		{Method: "POST", Pattern: endpoints + "/{id}/test", OperationID: "testEndpoint", Handle: a.testEndpoint},
		{Method: "POST", Pattern: endpoints + "/{id}/replay", OperationID: "replayEndpoint", Handle: a.replayEndpoint},
		{Method: "GET", Pattern: deliveries, OperationID: "listDeliveries", Handle: a.listDeliveries},
		{Method: "GET", Pattern: deliveries + "/{id}", OperationID: "getDelivery", Handle: a.getDelivery},
		{Method: "POST", Pattern: deliveries + "/{id}/replay", OperationID: "replayDelivery", Handle: a.replayDelivery},
		{Method: "GET", Pattern: "/notifications", OperationID: "listNotifications", Handle: a.listNotifications},
		{Method: "GET", Pattern: "/notifications/stream", OperationID: "streamNotifications", Slow: true, Handle: a.stream},
	}
}

// The rule of this edge, beside httpkit's.
const ruleQuery = "HOOK-QRY-01" // a query parameter or a moment has its documented form

// moment writes a moment as the contract has it; nil for none.
func moment(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format("2006-01-02T15:04:05.999999Z07:00")
	return &text
}

// parseMoment reads RFC 3339 in any zone, within the years that the database
// holds.
func parseMoment(text string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, text)
	return t.UTC(), err == nil && len(text) <= 40 && t.Year() >= 1970 && t.Year() < 10000
}
