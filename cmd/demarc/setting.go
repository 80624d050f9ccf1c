package main

import (
	"fmt"
	"slices"
	"strings"

	"demarc/internal/db"
	"demarc/internal/setting"
)

// SettingCmd works on what the carrier decides about a world while it runs, in the
// database itself, as AppCmd does. Running servers keep to it from then on.
type SettingCmd struct {
	List SettingListCmd `cmd:"" help:"What can be set, and what it is."`
	Put  SettingPutCmd  `cmd:"" help:"Change a setting."`
}

// SettingListCmd lists the settings of a world.
type SettingListCmd struct {
	World string `help:"The world." default:"production" placeholder:"ID"`
}

// Run lists them.
func (c *SettingListCmd) Run(g *Globals) error {
	var list []setting.Value
	err := inWorld(g, c.World, func(_ *db.DB, tx *db.Tx) (err error) {
		list, err = setting.List(tx)
		return err
	})
	for _, v := range list {
		others := slices.DeleteFunc(slices.Clone(v.Values), func(o string) bool { return o == v.Default })
		err = said(g, err, "%s  %s\n  %s\n  %s (default), %s", v.Name, v.Value, v.Text, v.Default, strings.Join(others, ", "))
	}
	if err == nil && len(list) == 0 {
		_, err = fmt.Fprintln(g.Stdout, "There are no settings.")
	}
	return err
}

// SettingPutCmd changes a setting of a world.
type SettingPutCmd struct {
	Name  string `arg:"" help:"The setting, such as marketplace.v1.onboarding."`
	Value string `arg:"" help:"One of its values."`
	World string `help:"The world." default:"production" placeholder:"ID"`
}

// Run changes it.
func (c *SettingPutCmd) Run(g *Globals) error {
	err := inWorld(g, c.World, func(_ *db.DB, tx *db.Tx) error { return setting.Put(tx, operator, c.Name, c.Value) })
	return said(g, err, "%s is %s.", c.Name, c.Value)
}
