package main

import (
	"context"
	"errors"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage/sqlite"
)

// rule prints what the order assistant would see without the sharing rule.
func (r report) rule(ctx context.Context) error {
	without, err := r.whatIf(ctx, orderAssistant, "without it", func(ctx context.Context, s *crm.Session) error {
		_, err := s.Admin.Rules.Edit(ctx, id(theRule), func(rule *org.SharingRule) error { rule.Disabled = true; return nil })
		return err
	})
	if err != nil {
		return err
	}
	s, err := r.as(ctx, orderAssistant)
	if err != nil {
		return err
	}
	with, err := seen(ctx, s, "with "+theRule)
	if err != nil {
		return err
	}
	return r.table([][]string{append([]string{orderAssistant}, allOffices()...), without, with})
}

// closing prints what people of two offices would see if one of them became part of the
// other: its customers go there, and stay with their salespeople.
func (r report) closing(ctx context.Context) error {
	merged := func(ctx context.Context, s *crm.Session) error {
		job, err := s.Admin.PlanHandover(ctx, &admin.Handover{FromDepartmentID: id("Hangzhou"), Reason: "Hangzhou closes"},
			&admin.HandoverLine{Kind: "customer", ReplaceDepartment: true, DepartmentID: id("Shanghai")},
			&admin.HandoverLine{Kind: "opportunity", ReplaceDepartment: true, DepartmentID: id("Shanghai")})
		if err != nil {
			return err
		}
		if _, err := s.Admin.PreviewHandover(ctx, job.ID); err != nil {
			return err
		}
		_, err = s.Admin.ExecuteHandover(ctx, job.ID)
		return err
	}
	rows := [][]string{append([]string{""}, allOffices()...)}
	for _, person := range []string{of(branchAssistant, "Shanghai"), of(salesperson1, "Shanghai"), of(salesperson1, "Hangzhou")} {
		s, err := r.as(ctx, person)
		if err != nil {
			return err
		}
		now, err := seen(ctx, s, person)
		if err != nil {
			return err
		}
		then, err := r.whatIf(ctx, person, "  afterwards", merged)
		if err != nil {
			return err
		}
		rows = append(rows, now, then)
	}
	return r.table(rows)
}

// whatIf counts what somebody would see after a change: a transaction of the host makes it,
// looks, and is rolled back.
func (r report) whatIf(ctx context.Context, person, title string, change func(context.Context, *crm.Session) error) (row []string, err error) {
	tx, err := r.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	joined, err := sqlite.Join(r.store, tx)
	if err != nil {
		return nil, err
	}
	app, err := r.app.In(joined)
	if err != nil {
		return nil, err
	}
	sys, err := app.System("what if")
	if err != nil {
		return nil, err
	}
	if err := change(ctx, sys); err != nil {
		return nil, err
	}
	s, err := app.As(ctx, id(person))
	if err != nil {
		return nil, err
	}
	return seen(ctx, s, title)
}
