package voice

import "context"

// PrepareChange decides about a change of numbers in service (source, Change orders).
//
//   - VOICE-ERR-1405: one of the customer's service names. VOICE-ERR-20207: one of its
//     route plans.
//   - VOICE-ERR-20057: something is to change.
//   - See the rules of changed lines and of numbers.
func (d *Desk) PrepareChange(ctx context.Context, p Party, r *ChangeRequest) (*Prepared, error) {
	var wrong broken
	checkExternal(&wrong, r.ExternalID)
	l := lineOf(&wrong, r.SubscriberLines)
	var ranges []Range
	if l != nil {
		ranges = checkLineNumbers(&wrong, TypeChange, l.TNList)
	}
	f, err := d.look(ctx, p, ranges, nil)
	if err != nil {
		return nil, err
	}
	product := productOf(f, ranges)
	detail := &Detail{Ranges: ranges, Wanted: checkDate(&wrong, e20215, r.RequestDate, f.now)}
	var c Change
	if l != nil {
		c = checkChanged(&wrong, l)
	}
	if name := r.RouteName.Trim(); name != "" {
		if !f.has(RouteName, name) {
			wrong.add(e1405, "customerServiceName")
		}
		c.RouteName = &name
	}
	if r.RoutePlan != nil {
		name := r.RoutePlan.Trim()
		if !f.has(RoutePlan, name) {
			wrong.add(e20207, "routePlanName")
		}
		c.RoutePlan = &name
	}
	if l != nil && l.silent() && c.empty() {
		wrong.add(e20057, "subscriberLines[0]")
	}
	checkNumbers(&wrong, lineAt+"tnList", TypeChange, p, product, ranges, f.found)
	if err := d.checkChangedOptions(ctx, &wrong, p, c, f, ranges); err != nil {
		return nil, err
	}
	if err := wrong.inOrder().err(); err != nil {
		return nil, err
	}
	detail.Change = &c
	due := f.now
	if p.Sandbox {
		due = due.Add(changeTakes)
	}
	if detail.Wanted.After(due) {
		due = detail.Wanted
	}
	return d.prepared(ctx, p, TypeChange, product, r.ExternalID.Trim(), detail, f, nil, due)
}

// productOf is the product of the first number that is known.
func productOf(f facts, list []Range) (product string) {
	each(list, f.found, func(_ Range, e *Entry) {
		if e != nil && product == "" {
			product = e.Product
		}
	})
	return product
}

// checkChangedOptions holds what the numbers would have after a change against what
// their product allows.
func (d *Desk) checkChangedOptions(ctx context.Context, wrong *broken, p Party, c Change, f facts, ranges []Range) error {
	if !c.provided() {
		return nil
	}
	list, err := d.servicesOf(ctx, p, f, ranges)
	for _, u := range list {
		var against broken
		checkOptions(&against, c.apply(u.service), productFacts{u.product, f.profile, u.centers})
		if against.code != nil {
			wrong.join(against)
			break // the others would say the same
		}
	}
	return err
}

// PrepareDisconnect decides about the end of numbers' service (source, Disconnect
// orders).
//
//   - VOICE-ERR-20067: a date. VOICE-ERR-20069: its form. VOICE-ERR-20068: one business
//     day ahead at least. VOICE-ERR-20213: thirty days at most.
func (d *Desk) PrepareDisconnect(ctx context.Context, p Party, r *DisconnectRequest) (*Prepared, error) {
	var wrong broken
	checkExternal(&wrong, r.ExternalID)
	ranges := listed(&wrong, "tnList", r.TNList, func(at string) { wrong.add(e20025, at) }, func(at string) { wrong.add(e20015, at) }, PerChange)
	f, err := d.look(ctx, p, ranges, nil)
	if err != nil {
		return nil, err
	}
	checkNumbers(&wrong, "tnList", TypeDisconnect, p, "", ranges, f.found)
	at, ok := moment(r.RequestDate)
	if r.RequestDate.Trim() == "" {
		wrong.add(e20067, "customerRequestDate")
	} else if !ok {
		wrong.add(e20069, "customerRequestDate")
	} else if day(at).Before(addBusiness(f.now, 1)) {
		wrong.add(e20068, "customerRequestDate")
	} else if day(at).After(day(f.now).AddDate(0, 0, mostDaysAhead)) {
		wrong.add(e20213, "customerRequestDate")
	}
	if err := wrong.inOrder().err(); err != nil {
		return nil, err
	}
	return d.prepared(ctx, p, TypeDisconnect, productOf(f, ranges), r.ExternalID.Trim(), &Detail{Ranges: ranges, Wanted: at}, f, nil, at)
}
