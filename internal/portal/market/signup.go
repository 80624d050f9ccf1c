package market

import (
	"net/url"
	"time"

	"demarc/internal/fault"
	"demarc/internal/identity"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
)

// goodOne says what a good password is like, in the words of its rules.
const goodOne = "12 to 128 characters, at least 6 of them different. No run of the keyboard, and nothing of your address or your organisation's name. Four or five words of your own make a good one."

// roles are what people can make of themselves.
var roles = []ui.Choice{
	{Value: identity.RoleDeveloper, Label: "I build against the APIs", Hint: "Applications, keys, webhooks, the sandbox. Developers also add their organisation's people."},
	{Value: identity.RoleBuyer, Label: "I buy and order", Hint: "The Control Center and the storefront, on behalf of your customers."},
	{Value: identity.RoleProvider, Label: "I sell software on the marketplace", Hint: "Your products, your server, your subscriptions."},
}

// signUp takes in somebody with an organisation.
func (s *screens) signUp(v *web.Visit) error {
	f := v.Form()
	if !v.Posting() {
		if v.User.Email != "" {
			return v.Go(homeOf(v.User))
		}
		return s.signUpPage(v, f)
	}
	// Whether the address is known, only its owner may learn: the answer is the same, after
	// the same work. What takes longer, the organisation's sandbox, is made when they first
	// sign in.
	_, _, err := s.Identity.SignUp(v.Context(), identity.NewPerson{Email: f.Value("email"), Password: f.Values.Get("password"),
		Role: f.Value("role"), OrgName: f.Value("organisation"), From: v.From()})
	if err != nil {
		return v.Refused(f, patience(err), s.signUpPage)
	}
	return v.Done("/signin?email="+url.QueryEscape(f.Value("email")), "Sign in now. If the address had been signed up before, the password is the one from then.")
}

func (s *screens) signUpPage(v *web.Visit, f *ui.Form) error {
	f.Default("role", identity.RoleDeveloper)
	return v.Show("Sign up", ui.Head("Sign up", "You and your organisation, and a sandbox of your own."),
		f.Node("Sign up",
			ui.Input{Name: "email", Label: "E-mail address", Type: "email", Required: true, Autocomplete: "username", Focus: !f.Wrong(), Max: 254}.In(f),
			ui.Input{Name: "password", Label: "Password", Type: "password", Hint: goodOne, Required: true, Autocomplete: "new-password", Max: 128}.In(f),
			ui.Input{Name: "organisation", Label: "Organisation", Hint: "Your company's name, as others are to see it.", Required: true, Autocomplete: "organization", Max: 80}.In(f),
			ui.Choices{Name: "role", Label: "What you do", Choices: roles, Required: true}.In(f)),
		ui.Small("Of people demarc keeps the e-mail address, the role and the password's hash, and nothing else."),
		ui.Actions(ui.Link("/signin", "I have an account")))
}

// patience says of what is tried too often when it may be tried again.
func patience(err error) error {
	f := fault.Of(err)
	if f == nil || f.RetryAfter <= 0 {
		return err
	}
	return f.Code.Say("%s It will be possible again in %s.", f.Code.Text, ui.Duration(f.RetryAfter.Round(time.Second)))
}

// signIn begins a session.
func (s *screens) signIn(v *web.Visit) error {
	f := v.Form()
	if !v.Posting() {
		if v.User.Email != "" {
			return v.Go(s.onwards(v, f))
		}
		return s.signInPage(v, f)
	}
	u, err := s.Identity.SignIn(v.Context(), f.Value("email"), f.Values.Get("password"), v.From())
	if err == nil {
		err = v.SignIn(u)
	}
	if err != nil {
		return v.Refused(f, patience(err), s.signInPage)
	}
	session, _ := v.Session()
	if !u.Carrier() {
		if err := s.Sandbox.EnsureStanding(v.Context(), u.Org, session.OrgName, u.Email, u.Role != identity.RoleDeveloper); err != nil {
			return err
		}
	}
	if session.MustChange {
		return v.Go("/account/password")
	}
	return v.Go(s.onwards(v, f))
}

// onwards is where somebody who is signed in goes: back to what they wanted, or to work.
func (s *screens) onwards(v *web.Visit, f *ui.Form) string {
	if back := web.Local(f.Value("back")); back != "/" {
		return back
	}
	return homeOf(v.User)
}

func (s *screens) signInPage(v *web.Visit, f *ui.Form) error {
	known := f.Value("email") != ""
	return v.Show("Sign in", ui.Head("Sign in", "With the address and the password that you signed up with."),
		f.Node("Sign in", ui.Hidden(f, "back"),
			ui.Input{Name: "email", Label: "E-mail address", Type: "email", Required: true, Autocomplete: "username", Focus: !f.Wrong() && !known}.In(f),
			ui.Input{Name: "password", Label: "Password", Type: "password", Required: true, Autocomplete: "current-password", Focus: !f.Wrong() && known}.In(f)),
		ui.Actions(ui.Link("/signup", "I have no account yet")),
		ui.Small("The administrator of the first start finds address and password in quickstart.env in the server's data directory. Who forgot a password asks a developer of the organisation, or the carrier, to be removed and added anew."))
}

// signOut ends the session.
func (s *screens) signOut(v *web.Visit) error {
	if err := v.SignOut(); err != nil {
		return err
	}
	return v.Done("/signin", "You are signed out.")
}

// prove takes the password again, before what a borrowed screen must not do.
func (s *screens) prove(v *web.Visit) error {
	f := v.Form()
	if !v.Posting() {
		return s.provePage(v, f)
	}
	_, token := v.Session()
	if err := s.Identity.Prove(v.Context(), token, f.Values.Get("password"), v.From()); err != nil {
		return v.Refused(f, patience(err), s.provePage)
	}
	return v.Go(web.Local(f.Value("back")))
}

func (s *screens) provePage(v *web.Visit, f *ui.Form) error {
	return v.Show("Your password, please", ui.Head("Your password, please", "What comes next concerns keys or people. So that nobody does it at a screen that you have left, say once more that it is you, "+v.User.Email+"."),
		f.Node("Go on", ui.Hidden(f, "back"),
			ui.Input{Name: "password", Label: "Password", Type: "password", Required: true, Autocomplete: "current-password", Focus: !f.Wrong()}.In(f)))
}
