package ondemand

// The bodies of the source, for the journeys, which see the package from outside.
const (
	SourcePrice = sourcePrice
	SourceOrder = sourceOrder
	FieldModify = fieldModify
	FieldDelete = fieldDelete
)
