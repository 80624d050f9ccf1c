package outbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Form is a form in which notices are pushed. Every notice has a body in the
// standard one; a product whose partners are used to another declares that, once,
// and gives its notices a body in it (Notice.Bodies). Whatever the form, a delivery
// is signed, retried and replayed in the same way.
type Form struct {
	Name        string // as endpoints ask for it
	Method      string // POST, PUT or PATCH
	ContentType string
	Path        string // of an endpoint's address that has none; "" leaves it
	Text        string // what it is, for people
	// Setup is the body that an endpoint is sent when it has been registered, and when
	// its owner tests it. It gets the customer that the endpoint is about, "" for all.
	// nil: nothing is sent when it is registered, and it cannot be tested.
	Setup func(customer string) string
}

// FormStandard is the form of an endpoint that asks for no other.
const FormStandard = "standard"

var forms = struct {
	sync.Mutex
	by map[string]Form
}{by: map[string]Form{FormStandard: {Name: FormStandard, Method: "POST", ContentType: "application/json",
	Text: "The type, the moment and the data of a notification, as JSON."}}}

var (
	formName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)
	formPath = regexp.MustCompile(`^/[A-Za-z0-9._~/-]*$`)
)

// maxFormName bounds names, as the document of endpoints promises.
const maxFormName = 64

// DeclareForm makes a form known. A name that is taken and a form that is malformed
// are programming errors and panic at start.
func DeclareForm(f Form) Form {
	_, _, err := mime.ParseMediaType(f.ContentType)
	switch {
	case len(f.Name) > maxFormName || !formName.MatchString(f.Name):
		panic(fmt.Sprintf("outbox: %q is no name of a form", f.Name))
	case !slices.Contains([]string{"POST", "PUT", "PATCH"}, f.Method):
		panic(fmt.Sprintf("outbox: the form %s has the method %q", f.Name, f.Method))
	case err != nil:
		panic(fmt.Sprintf("outbox: the form %s has the content type %q", f.Name, f.ContentType))
	case f.Path != "" && !formPath.MatchString(f.Path):
		panic(fmt.Sprintf("outbox: the form %s has the path %q", f.Name, f.Path))
	case f.Text == "":
		panic("outbox: the form " + f.Name + " does not say what it is")
	}
	forms.Lock()
	defer forms.Unlock()
	if _, taken := forms.by[f.Name]; taken {
		panic("outbox: two forms are called " + f.Name)
	}
	forms.by[f.Name] = f
	return f
}

// Forms is every form that there is, by name.
func Forms() []Form {
	forms.Lock()
	defer forms.Unlock()
	list := make([]Form, 0, len(forms.by))
	for _, f := range forms.by {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b Form) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func findForm(name string) (Form, bool) {
	forms.Lock()
	defer forms.Unlock()
	f, ok := forms.by[name]
	return f, ok
}

// pathed gives an address that has no path the form's.
func (f Form) pathed(address string) string {
	u, err := url.Parse(address)
	if err != nil || f.Path == "" || u.Host == "" || u.Opaque != "" || u.Path != "" && u.Path != "/" {
		return address
	}
	u.Path = f.Path
	return u.String()
}

// errBody is a product's mistake about Notice.Bodies.
var errBody = errors.New("outbox: a notice has a body that it cannot have")

// packBodies writes a notice's bodies as its row holds them.
func packBodies(bodies map[string]string) (string, error) {
	if len(bodies) == 0 {
		return "", nil
	}
	for name, body := range bodies {
		if _, known := findForm(name); !known || name == FormStandard {
			return "", fmt.Errorf("%w: in the form %q", errBody, name)
		}
		// What JSON or a database would not give back as it was.
		if !utf8.ValidString(body) || strings.ContainsRune(body, 0) {
			return "", fmt.Errorf("%w: the one in the form %s is no text", errBody, name)
		}
	}
	b, err := json.Marshal(bodies)
	return string(b), err
}

// hasBody is a LIKE pattern that packed bodies match when one is in the form. In the
// bodies themselves, every quotation mark has a backslash before it.
func hasBody(form string) string { return `%"` + form + `":%` }

// unpackBody reads one of a notice's bodies as its row holds them.
func unpackBody(packed, form string) (string, error) {
	var bodies map[string]string
	if err := json.Unmarshal([]byte(packed), &bodies); err != nil {
		return "", fmt.Errorf("outbox: the bodies of a notice: %w", err)
	}
	return bodies[form], nil
}
