package marketplace

// Field is one field of a product's form: which of the twelve it is, whether a buyer
// sees it and must fill it in, and the JSON name under which it travels to the
// provider (source, Provision Account).
type Field struct {
	Field    string `json:"field"`
	JSON     string `json:"jsonName"`
	Label    string `json:"label"`
	Shown    bool   `json:"shown"`
	Required bool   `json:"required"`
}

// The twelve fields that the marketplace is prepared to collect.
const (
	FieldUsername = "username"
	FieldPassword = "password"
	FieldCompany  = "companyName"
	FieldHolder   = "accountHolderName"
	FieldEmail    = "emailAddress"
	FieldAddress1 = "address1"
	FieldAddress2 = "address2"
	FieldCountry  = "country"
	FieldState    = "stateOrProvince"
	FieldPostal   = "postalCode"
	FieldPhone    = "phoneNumber"
	FieldReseller = "resellerKey"
)

// fieldKind is what is known of one of the twelve.
type fieldKind struct {
	id     string
	label  string
	secret bool // it is never stored readable, logged or shown
}

// fieldKinds are the twelve, in the source's order.
var fieldKinds = []fieldKind{
	{FieldUsername, "Username", false},
	{FieldPassword, "Password", true},
	{FieldCompany, "Company Name", false},
	{FieldHolder, "Account Holder's Name", false},
	{FieldEmail, "Email Address", false},
	{FieldAddress1, "Address # 1", false},
	{FieldAddress2, "Address # 2", false},
	{FieldCountry, "Country", false},
	{FieldState, "State or Province", false},
	{FieldPostal, "Zip or Postal Code", false},
	{FieldPhone, "Phone Number", false},
	{FieldReseller, "Reseller Key", true},
}

func kindOf(field string) (fieldKind, bool) {
	for _, k := range fieldKinds {
		if k.id == field {
			return k, true
		}
	}
	return fieldKind{}, false
}

// isSecret reports whether a field's value is a secret.
func isSecret(field string) bool {
	k, _ := kindOf(field)
	return k.secret
}

// ExampleForm is the form of a product that names none: the source's example.
func ExampleForm() []Field {
	return []Field{
		{Field: FieldReseller, JSON: "resellerkey", Label: "Reseller Key"},
		{Field: FieldHolder, JSON: "name", Label: "Account Holder's Name", Shown: true, Required: true},
		{Field: FieldEmail, JSON: "email", Label: "Email Address", Shown: true, Required: true},
	}
}

// travels reports whether a field is sent to the provider at all: what the buyer
// fills in, and the reseller key, which is ours to give when the buyer does not.
func (f Field) travels() bool { return f.Shown || f.Field == FieldReseller }
