package market

import (
	"strconv"
	"time"
	"unicode/utf8"

	"demarc/internal/clock"
	"demarc/internal/ondemand"
	"demarc/internal/portal/ui"
	"demarc/internal/portal/web"
	"demarc/internal/sandbox"
)

func (s *screens) worlds(v *web.Visit) error {
	list, err := s.Sandbox.List(v.Context(), v.World.Org)
	if err != nil {
		return err
	}
	rows := make([][]ui.Node, 0, ui.PageSize)
	for _, w := range pageOf(v, list) {
		name, ends, act := w.Name, ui.Text("stays"), ui.Act(v.CSRF(), "/choose", "Look at it", "world", w.ID, "back", "/sandbox")
		if name == "" {
			name = w.ID
		}
		if w.ID == v.World.ID {
			act = ui.Badge(ui.Good, "looked at")
		}
		remove := ui.Text("")
		if !w.ExpiresAt.IsZero() {
			ends = ui.Time(w.ExpiresAt)
			remove = ui.Confirm(v.CSRF(), "/sandbox/worlds/delete", "Delete…", "Delete "+name+" ("+w.ID+") with all that is in it? Its keys end at once.", "Delete "+name, "world", w.ID)
		}
		rows = append(rows, []ui.Node{ui.All(ui.Text(name+" "), ui.Mono(w.ID)), ui.Time(w.Clock.Now(clock.Machine()).Truncate(time.Second)), ends, ui.Actions(act, remove)})
	}
	return v.Show("Worlds", ui.Head("Worlds", "Each is a carrier by itself. Make one for a demonstration or for each case of a test; programs do it with POST /sandbox/v1/worlds.",
		ui.Button("/sandbox/worlds/new", "New world"), ui.Quiet("/sandbox/fork", "Copy "+sandboxName(v))),
		ui.Table("Sandbox worlds of the organisation", []string{"World", "Its clock", "Ends", ""}, rows, ui.Empty("There is no world.", "Make one.")),
		ui.Pager("/sandbox/worlds", v.Query(), len(list)))
}

// worldLives are how long a world may be made to live.
var worldLives = []ui.Choice{{Value: "PT1H", Label: "An hour"}, {Value: "PT8H", Label: "Eight hours"}, {Value: "P1D", Label: "A day"}, {Value: "P7D", Label: "A week"}}

// maxSeed keeps seeds exact in clients whose numbers are floating.
const maxSeed = 1<<53 - 1

// wantedWorld reads what is wanted; what is wrong is said in the form.
func wantedWorld(v *web.Visit, f *ui.Form) sandbox.NewWorld {
	n := sandbox.NewWorld{Org: v.World.Org, Name: f.Value("name"), Actor: v.Actor()}
	if utf8.RuneCountInString(n.Name) > 100 {
		f.Add("name", "must have at most 100 characters")
	}
	var err error
	if n.TTL, err = clock.ParseDuration(f.Value("ttl")); err != nil || n.TTL < time.Second || n.TTL > sandbox.MaxTTL {
		f.Add("ttl", "must be at most a week")
	}
	if text := f.Value("seed"); text != "" {
		seed, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seed < 0 || seed > maxSeed {
			f.Add("seed", "must be a whole number from 0 to 9007199254740991")
		}
		n.Seed = &seed
	}
	return n
}

func (s *screens) newWorld(v *web.Visit) error {
	v.Under("/sandbox/worlds")
	f := v.Form()
	if !v.Posting() {
		return s.newWorldPage(v, f)
	}
	n := wantedWorld(v, f)
	if f.Wrong() {
		return v.Refused(f, nil, s.newWorldPage)
	}
	made, err := s.Sandbox.Create(v.Context(), n)
	if err != nil {
		return v.Refused(f, err, s.newWorldPage)
	}
	return s.madeWorld(v, made)
}

func (s *screens) newWorldPage(v *web.Visit, f *ui.Form) error {
	f.Default("ttl", "PT1H")
	return v.Show("New world", ui.Head("New world", "A fresh carrier with an application of its own. It goes with all that is in it when its time is over."),
		f.Node("Make it", worldNamed(f), lifeOf(f),
			ui.Input{Name: "seed", Label: "Seed", Hint: "What looks random follows from it: two worlds of one seed behave alike", InputMode: "numeric", Narrow: true}.In(f)))
}

func worldNamed(f *ui.Form) ui.Node {
	return ui.Input{Name: "name", Label: "Name", Hint: "Such as: case 17", Max: 100, Focus: true}.In(f)
}

func lifeOf(f *ui.Form) ui.Node {
	return ui.Select{Name: "ttl", Label: "It lives for", Hint: "Of the machine's time", Choices: worldLives, Required: true, Narrow: true}.In(f)
}

// madeWorld shows the keys of a new world, this once.
func (s *screens) madeWorld(v *web.Visit, made sandbox.Created) error {
	v.Under("/sandbox/worlds")
	name := made.Name
	if name == "" {
		name = made.ID
	}
	env := "export DEMARC_URL=" + v.BaseURL() + "\nexport DEMARC_CLIENT_ID=" + made.App.ID + "\nexport DEMARC_CLIENT_SECRET=" + made.App.Secrets[0].Clear +
		"\nexport DEMARC_CUSTOMER_NUMBER=" + ondemand.ExampleCustomer
	return v.Show("The world was made", ui.Head(name, "The world was made. Its keys are shown this once."),
		ui.Secret("For your shell", env, "Keep them where your programs find them. A lost key is replaced at Build, Applications."),
		ui.Facts(ui.Fact{Name: "World", Value: ui.Mono(made.ID)}, ui.Fact{Name: "Ends", Value: ui.Time(made.ExpiresAt)}),
		ui.Actions(ui.Act(v.CSRF(), "/choose", "Look at it", "world", made.ID, "back", "/sandbox"), ui.Quiet("/sandbox/worlds", "All worlds")))
}

func (s *screens) deleteWorld(v *web.Visit) error {
	if err := s.Sandbox.Delete(v.Context(), v.World.Org, v.Form().Value("world")); err != nil {
		return v.Failed("/sandbox/worlds", err)
	}
	return v.Done("/sandbox/worlds", "The world is gone.")
}

// fork makes a second world that begins as this one is now.
func (s *screens) fork(v *web.Visit) error {
	v.Under("/sandbox/worlds")
	f := v.Form()
	if !v.Posting() {
		return s.forkPage(v, f)
	}
	apps, err := s.worldApps(v)
	if err != nil {
		return err
	}
	n := wantedWorld(v, f)
	app, err := appOf(apps, f.Value("app"))
	if err != nil && len(apps) > 0 {
		f.Add("app", "must be one of this world's")
	}
	if f.Wrong() {
		return v.Refused(f, nil, s.forkPage)
	}
	made, err := s.Sandbox.Fork(v.Context(), v.World.ID, app.ID, n)
	if err != nil {
		return v.Refused(f, err, s.forkPage)
	}
	return s.madeWorld(v, made)
}

func (s *screens) forkPage(v *web.Visit, f *ui.Form) error {
	apps, err := s.worldApps(v)
	if err != nil {
		return err
	}
	f.Default("ttl", "PT1H")
	return v.Show("Copy a world", ui.Head("Copy "+sandboxName(v), "A second world that begins as this one is now, its clock too, with an application of its own."),
		f.Node("Copy it", worldNamed(f), lifeOf(f),
			ui.When(len(apps) > 0, func() ui.Node {
				return ui.Select{Name: "app", Label: "Its application gets what this one has", Choices: appChoices(apps), Required: true}.In(f)
			})))
}

func (s *screens) snapshots(v *web.Visit) error {
	list, err := s.Sandbox.Snapshots(v.Context(), v.World.ID)
	if err != nil {
		return err
	}
	rows := make([][]ui.Node, len(list))
	for i, snap := range list {
		at := snap.At.Format("2 Jan 2006, 15:04:05")
		rows[i] = []ui.Node{ui.Mono(snap.ID), ui.Time(snap.At), ui.Actions(
			ui.Confirm(v.CSRF(), "/sandbox/snapshots/restore", "Restore…", "Make "+sandboxName(v)+" what it was at "+at+" ("+snap.ID+")? What happened since then is lost.", "Restore it", "snapshot", snap.ID),
			ui.Confirm(v.CSRF(), "/sandbox/snapshots/delete", "Delete…", "Delete the snapshot of "+at+" ("+snap.ID+")?", "Delete it", "snapshot", snap.ID))}
	}
	return v.Show("Snapshots", ui.Head("Snapshots", "Keep "+sandboxName(v)+" as it is now, and go back to it as often as you like. There may be "+strconv.Itoa(sandbox.MaxSnapshots)+" of them.",
		ui.Act(v.CSRF(), "/sandbox/snapshots", "Take a snapshot"), ui.Quiet("/sandbox/fork", "Copy the world")),
		ui.Table("Snapshots, oldest first", []string{"Id", "The world's clock then", ""}, rows,
			ui.Empty("There is no snapshot yet.", "Take one before you try something: a restore brings all orders, services and the clock back to it.")))
}

func (s *screens) takeSnapshot(v *web.Visit) error {
	snap, err := s.Sandbox.Snapshot(v.Context(), v.World.ID, v.Actor())
	if err != nil {
		return v.Failed("/sandbox/snapshots", err)
	}
	return v.Done("/sandbox/snapshots", "The snapshot "+snap.ID+" was taken.")
}

func (s *screens) restoreSnapshot(v *web.Visit) error {
	if _, err := s.Sandbox.Restore(v.Context(), v.World.ID, v.Form().Value("snapshot"), v.Actor()); err != nil {
		return v.Failed("/sandbox/snapshots", err)
	}
	return v.Done("/sandbox/snapshots", sandboxName(v)+" is as it was then.")
}

func (s *screens) deleteSnapshot(v *web.Visit) error {
	if err := s.Sandbox.DeleteSnapshot(v.Context(), v.World.ID, v.Form().Value("snapshot")); err != nil {
		return v.Failed("/sandbox/snapshots", err)
	}
	return v.Done("/sandbox/snapshots", "The snapshot is gone.")
}
