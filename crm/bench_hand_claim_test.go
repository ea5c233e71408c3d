package crm_test

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/storagetest/byhand"
)

// locked reads a customer and its pool in a transaction.
func (h *hand) locked(ctx context.Context, tx *sql.Tx, id, pool schema.ID) (c customer.Customer, limit int64, err error) {
	if err = scan(tx.StmtContext(ctx, h.getInTx).QueryRowContext(ctx, crm.DefaultTenant, id.String()), &c); err != nil {
		return c, 0, err
	}
	if pool.IsZero() {
		pool = c.PoolID
	}
	var members string
	err = tx.QueryRowContext(ctx, h.Spell(`SELECT hold_limit, coalesce(members, 'null') FROM {pool} WHERE tenant_id = ? AND id = ?`), crm.DefaultTenant, pool.String()).Scan(&limit, &members)
	return c, limit, err
}

// claim makes the person the owner of a customer in a pool, within the limit of what they
// hold.
func (h *hand) claim(ctx context.Context, id schema.ID) error {
	return h.inTx(ctx, func(tx *sql.Tx) error {
		c, limit, err := h.locked(ctx, tx, id, schema.ID{})
		if err != nil {
			return err
		}
		if err := h.exec(ctx, tx, `UPDATE {turn} SET version = version + 1 WHERE tenant_id = ? AND id = ?`, crm.DefaultTenant, schema.NameID("turn", "pool.claim/"+h.who.String()).String()); err != nil {
			return err
		}
		var held int64
		if err := tx.QueryRowContext(ctx, h.Spell(`SELECT count(*) FROM {customer} WHERE tenant_id = ? AND owner_id = ? AND taken_from_id = ?`),
			crm.DefaultTenant, h.who.String(), c.PoolID.String()).Scan(&held); err != nil || held >= limit {
			return fmt.Errorf("%d held: %w", held, err)
		}
		now := time.Now()
		if err := h.one(ctx, tx, `UPDATE {customer} SET owner_id = ?, department_id = ?, pool_id = NULL, pooled_at = NULL, pool_reason = '', quiet_since = ?, taken_from_id = ?,
			version = ?, updated_at = ?, updated_by = ? WHERE tenant_id = ? AND id = ? AND version = ?`, h.who.String(), byhand.Ref(h.department), h.Date(schema.DateOf(now)), c.PoolID.String(),
			c.Version+1, h.Time(now), h.who.String(), crm.DefaultTenant, id.String(), c.Version); err != nil {
			return err
		}
		if err := h.one(ctx, tx, `UPDATE {pool_stay} SET version = version + 1, until = ?, left_by = 'customer.claimed', to_id = ? WHERE tenant_id = ? AND customer_id = ? AND until IS NULL`,
			h.Time(now), h.who.String(), crm.DefaultTenant, id.String()); err != nil {
			return err
		}
		if err := h.changedHands(ctx, tx, id, c.Version+1, "customer.claimed", "", [4]schema.ID{2: h.who, 3: h.department}); err != nil {
			return err
		}
		return h.note(ctx, tx, id, c.Version+1, "customer.claimed", []field{{"owner_id", nil, h.who}, {"department_id", nil, h.department}, {"pool_id", c.PoolID, nil},
			{"pooled_at", c.PooledAt, nil}, {"pool_reason", c.PoolReason, nil}, {"quiet_since", nil, schema.DateOf(now)}, {"taken_from_id", nil, c.PoolID}})
	})
}

// release gives a customer of the person's own into a pool, and ends its team and shares.
func (h *hand) release(ctx context.Context, id, pool schema.ID, reason string) error {
	return h.inTx(ctx, func(tx *sql.Tx) error {
		c, _, err := h.locked(ctx, tx, id, pool)
		if err != nil {
			return err
		}
		now := time.Now()
		if err := h.one(ctx, tx, `UPDATE {customer} SET owner_id = NULL, department_id = NULL, pool_id = ?, pooled_at = ?, pool_reason = ?, quiet_since = NULL, taken_from_id = NULL,
			version = ?, updated_at = ?, updated_by = ? WHERE tenant_id = ? AND id = ? AND version = ?`, pool.String(), h.Time(now), reason,
			c.Version+1, h.Time(now), h.who.String(), crm.DefaultTenant, id.String(), c.Version); err != nil {
			return err
		}
		if err := h.exec(ctx, tx, `INSERT INTO {pool_stay} (tenant_id, id, version, created_at, updated_at, created_by, updated_by, customer_id, pool_id, from_id, since, came_by, by_id, reason, left_by)
			VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, 'customer.released', ?, ?, '')`, crm.DefaultTenant, schema.NewID().String(), h.Time(now), h.Time(now), h.who.String(), h.who.String(),
			id.String(), pool.String(), h.who.String(), h.Time(now), h.who.String(), reason); err != nil {
			return err
		}
		if err := h.exec(ctx, tx, `UPDATE {teammate} SET until = ?, version = version + 1 WHERE tenant_id = ? AND customer_id = ? AND until IS NULL`, h.Time(now), crm.DefaultTenant, id.String()); err != nil {
			return err
		}
		if err := h.exec(ctx, tx, `UPDATE {share} SET expires_at = ?, version = version + 1 WHERE tenant_id = ? AND kind = 'customer' AND record_id = ? AND expires_at IS NULL`,
			h.Time(now), crm.DefaultTenant, id.String()); err != nil {
			return err
		}
		if err := h.changedHands(ctx, tx, id, c.Version+1, "customer.released", reason, [4]schema.ID{h.who, h.department}); err != nil {
			return err
		}
		return h.note(ctx, tx, id, c.Version+1, "customer.released", []field{{"owner_id", h.who, nil}, {"department_id", h.department, nil}, {"pool_id", nil, pool},
			{"pooled_at", nil, now}, {"pool_reason", nil, reason}, {"quiet_since", c.QuietSince, nil}, {"taken_from_id", c.TakenFromID, nil}})
	})
}

// changedHands tells that a customer went from one owner and department to others.
func (h *hand) changedHands(ctx context.Context, tx *sql.Tx, id schema.ID, version int64, event, reason string, places [4]schema.ID) error {
	now := time.Now()
	return h.exec(ctx, tx, `INSERT INTO {owner_change} (tenant_id, id, version, at, actor_id, kind, record_id, was_id, record_version, from_id, from_department_id, to_id, to_department_id,
		maker, event, reason, effective_on, undo, updated_at, updated_by) VALUES (?, ?, 1, ?, ?, 'customer', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		crm.DefaultTenant, schema.NewID().String(), h.Time(now), h.who.String(), id.String(), id.String(), version,
		byhand.Ref(places[0]), byhand.Ref(places[1]), byhand.Ref(places[2]), byhand.Ref(places[3]), false, event, reason, h.Date(schema.DateOf(now)), false, h.Time(now), h.who.String())
}

// one changes exactly one row.
func (h *hand) one(ctx context.Context, tx *sql.Tx, text string, args ...any) error {
	res, err := tx.ExecContext(ctx, h.Spell(text), args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return fmt.Errorf("%d rows instead of one: %w", n, err)
	}
	return nil
}
