// Package api holds the contract: one OpenAPI document per family, written before
// the code that answers to it. The documents are part of the binary, so that what
// a server serves at /api/ and renders at /docs/ is what it was built against;
// package contract holds the tests to them. What is pushed in XML has a schema beside
// them.
//
// The rest of the directory lints them: npm ci && npm run lint.
package api

import (
	_ "embed" // the documents are part of the binary
	"slices"
)

// Document is one OpenAPI document.
type Document struct {
	Name  string // platform, ondemand
	Title string // what people call it
	File  string // what it is called below /api/
	Text  []byte // YAML; shared, so for reading only
}

// Schema is the schema of an XML document.
type Schema struct {
	File string // what it is called below /api/
	Text []byte // XML; shared, so for reading only
}

var (
	//go:embed platform.yaml
	platform []byte
	//go:embed ondemand.yaml
	ondemand []byte
	//go:embed care.yaml
	care []byte
	//go:embed marketplace.yaml
	marketplace []byte
	//go:embed preorder.yaml
	preorder []byte
	//go:embed voice.yaml
	voice []byte
	//go:embed partner-notification.xsd
	partnerNotification []byte

	documents = []Document{
		{Name: "platform", Title: "Platform: tokens, sandbox, webhooks", File: "platform.yaml", Text: platform},
		{Name: "ondemand", Title: "Internet On-Demand", File: "ondemand.yaml", Text: ondemand},
		{Name: "care", Title: "Care: customer identification", File: "care.yaml", Text: care},
		{Name: "marketplace", Title: "Marketplace: SaaS subscriptions", File: "marketplace.yaml", Text: marketplace},
		{Name: "preorder", Title: "PreOrder: qualify and configure", File: "preorder.yaml", Text: preorder},
		{Name: "voice", Title: "Voice: telephone numbers", File: "voice.yaml", Text: voice},
	}
	schemas = []Schema{{File: "partner-notification.xsd", Text: partnerNotification}}
)

// Documents are all of them, the platform's first.
func Documents() []Document { return slices.Clone(documents) }

// Schemas are the schemas of what is pushed in XML.
func Schemas() []Schema { return slices.Clone(schemas) }
