package crm_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/storagetest/byhand"
)

// benchmarkLooking is sharing a record and taking that back, opening a saved view, asking
// why, and looking for duplicates.
func benchmarkLooking(ctx context.Context, b *testing.B, p *place, c *company) {
	b.Helper()
	s := p.as(ctx, b, c.agent)
	h, err := newHand(ctx, p, c, c.agent, own)
	require.NoError(b, err)
	mine, err := s.Customers.Find(ctx, query.Select{Where: query.Eq("owner_id", c.agent), Limit: query.MaxLimit})
	require.NoError(b, err)
	ref := func(call int) record.Ref {
		return record.Ref{Kind: "customer", ID: mine.Items[call%len(mine.Items)].ID}
	}
	colleague := c.agents[1].ID

	compare(b, "share",
		func(call int) error {
			share, err := s.Admin.Share(ctx, ref(call), colleague, org.ReadAccess, time.Time{})
			if err != nil {
				return err
			}
			return s.Admin.Unshare(ctx, share.ID)
		},
		func(call int) error { return h.share(ctx, ref(call).ID, colleague) })

	view, err := s.Admin.Views.Create(ctx, &settings.View{Name: "Newest", Kind: "customer", Query: schema.JSON(`{"sort":["-created_at","-id"]}`)})
	require.NoError(b, err)
	compare(b, "view",
		func(int) error {
			_, q, err := s.Admin.Query(ctx, view.ID)
			if err != nil {
				return err
			}
			q.Limit = pageSize
			_, err = s.Customers.Find(ctx, q)
			return err
		},
		func(int) error { return h.view(ctx, view.ID) })

	compare(b, "why",
		func(call int) error { _, err := s.Why(ctx, org.Update, ref(call)); return err },
		func(call int) error { return h.why(ctx, ref(call).ID) })

	m, err := match.New(match.DefaultRules(), match.Options{Region: "CN"})
	require.NoError(b, err)
	app, err := crm.Open(ctx, p.store, crm.WithMatcher(m))
	require.NoError(b, err)
	matching, err := app.System("benchmark")
	require.NoError(b, err)
	rebuild(ctx, b, matching)
	again := func(call int) *customer.Customer {
		v := mine.Items[call%len(mine.Items)]
		return &customer.Customer{Name: v.Name, ShortName: v.ShortName, Phone: v.Phone}
	}
	ours, err := matching.Customers.Duplicates(ctx, again(0))
	require.NoError(b, err)
	theirs, err := h.duplicates(ctx, m, again(0))
	require.NoError(b, err)
	require.Len(b, ours.Visible, theirs, "both must find the same")
	compare(b, "duplicates",
		func(call int) error { _, err := matching.Customers.Duplicates(ctx, again(call)); return err },
		func(call int) error { _, err := h.duplicates(ctx, m, again(call)); return err })
}

// rebuild makes the match keys of all customers.
func rebuild(ctx context.Context, b *testing.B, s *crm.Session) {
	b.Helper()
	for after, more := (schema.ID{}), true; more; more = !after.IsZero() {
		var err error
		after, err = s.Customers.RebuildMatchKeys(ctx, after)
		require.NoError(b, err)
	}
}

// share shares a customer of the person's own to a colleague, and takes that back.
func (h *hand) share(ctx context.Context, id, colleague schema.ID) error {
	share := schema.NewID()
	err := h.inTx(ctx, func(tx *sql.Tx) error {
		var c customer.Customer
		if err := scan(tx.StmtContext(ctx, h.getInTx).QueryRowContext(ctx, crm.DefaultTenant, id.String()), &c); err != nil {
			return err
		}
		if c.OwnerID != h.who {
			return fmt.Errorf("%s is somebody else's", id)
		}
		now := h.Time(time.Now())
		if err := h.exec(ctx, tx, `INSERT INTO {share} (tenant_id, id, version, created_at, updated_at, created_by, updated_by, kind, record_id, record_created_at, principal_id, level, cause)
			VALUES (?, ?, 1, ?, ?, ?, ?, 'customer', ?, ?, ?, 1, 'manual')`, crm.DefaultTenant, share.String(), now, now, h.who.String(), h.who.String(), id.String(),
			h.Time(c.CreatedAt), colleague.String()); err != nil {
			return err
		}
		return h.noteOf(ctx, tx, "share", share, 1, "share.created", []field{{"kind", nil, "customer"}, {"record_id", nil, id}, {"record_created_at", nil, c.CreatedAt},
			{"principal_id", nil, colleague}, {"level", nil, 1}, {"cause", nil, "manual"}})
	})
	if err != nil {
		return err
	}
	return h.inTx(ctx, func(tx *sql.Tx) error {
		var record string
		if err := tx.QueryRowContext(ctx, h.Spell(`SELECT record_id FROM {share} WHERE tenant_id = ? AND id = ?`), crm.DefaultTenant, share.String()).Scan(&record); err != nil {
			return err
		}
		var c customer.Customer
		if err := scan(tx.StmtContext(ctx, h.getInTx).QueryRowContext(ctx, crm.DefaultTenant, record), &c); err != nil {
			return err
		}
		if err := h.one(ctx, tx, `DELETE FROM {share} WHERE tenant_id = ? AND id = ? AND version = 1`, crm.DefaultTenant, share.String()); err != nil {
			return err
		}
		return h.noteOf(ctx, tx, "share", share, 2, "share.deleted", []field{{"kind", "customer", nil}, {"record_id", id, nil}, {"record_created_at", c.CreatedAt, nil},
			{"principal_id", colleague, nil}, {"level", 1, nil}, {"cause", "manual", nil}})
	})
}

// view reads a view of the person's own and the page that it asks for.
func (h *hand) view(ctx context.Context, id schema.ID) error {
	var asked string
	if err := h.read.QueryRowContext(ctx, h.Spell(`SELECT query FROM {view} WHERE tenant_id = ? AND id = ?`), crm.DefaultTenant, id.String()).Scan(&asked); err != nil {
		return err
	}
	_, err := h.page(ctx, nil)
	return err
}

// why reads a customer and the shares by which the person may change it.
func (h *hand) why(ctx context.Context, id schema.ID) error {
	var c customer.Customer
	if err := scan(h.getOne.QueryRowContext(ctx, crm.DefaultTenant, id.String()), &c); err != nil {
		return err
	}
	args := []any{crm.DefaultTenant, id.String(), h.Time(time.Now())}
	for _, principal := range h.principals {
		args = append(args, principal.String())
	}
	rows, err := h.read.QueryContext(ctx, h.Spell(`SELECT id, level FROM {share} WHERE tenant_id = ?1 AND kind = 'customer' AND record_id = ?2 AND level >= 2
		AND (expires_at IS NULL OR expires_at > ?3) AND principal_id IN (`+h.anyPrincipal()+`)`), args...)
	if err != nil {
		return err
	}
	return byhand.Each(rows, func() error { return nil })
}

// duplicates counts the stored customers that may be the same as one.
func (h *hand) duplicates(ctx context.Context, m *match.Matcher, c *customer.Customer) (int, error) {
	subject := func(c *customer.Customer) match.Subject {
		return match.Subject{ID: c.ID.String(), Kind: match.Organisation, Names: []string{c.Name, c.ShortName}, Phones: []string{c.Phone}, Emails: []string{c.Email}}
	}
	args := []any{crm.DefaultTenant}
	places := ""
	for i, key := range m.Keys(subject(c)) {
		places += fmt.Sprintf(", ?%d", i+2)
		args = append(args, string(key.Kind)+":"+key.Value)
	}
	sharing := map[string][]string{}
	err := h.each(ctx, `SELECT key, customer_id FROM {match_key} WHERE tenant_id = ?1 AND key IN (`+strings.TrimPrefix(places, ", ")+`) LIMIT 1000`, args, func(rows *sql.Rows) error {
		var key, id string
		err := rows.Scan(&key, &id)
		sharing[key] = append(sharing[key], id)
		return err
	})
	if err != nil {
		return 0, err
	}
	ids := []any{crm.DefaultTenant}
	places = ""
	for _, some := range sharing {
		for _, id := range some {
			if len(some) <= match.MaxHits && !slices.Contains(ids, any(id)) {
				ids = append(ids, id)
				places += fmt.Sprintf(", ?%d", len(ids))
			}
		}
	}
	n := 0
	if places == "" {
		return 0, nil
	}
	err = h.each(ctx, `SELECT `+customerColumns+` FROM {customer} WHERE tenant_id = ?1 AND id IN (`+strings.TrimPrefix(places, ", ")+`)`, ids, func(rows *sql.Rows) error {
		var other customer.Customer
		if err := scan(rows, &other); err != nil {
			return err
		}
		if m.Judge(subject(c), subject(&other)).Action >= match.Warn {
			n++
		}
		return nil
	})
	return n, err
}

func (h *hand) each(ctx context.Context, text string, args []any, fn func(*sql.Rows) error) error {
	rows, err := h.read.QueryContext(ctx, h.Spell(text), args...)
	if err != nil {
		return err
	}
	return byhand.Each(rows, func() error { return fn(rows) })
}
