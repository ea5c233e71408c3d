package admin

import (
	"context"
	"errors"
	"time"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Share gives an employee, a role, or a department with all below it access to one
// record by hand, until a time (zero: for good). The actor needs the right to share
// the record, and can't give more than they have. A second call for the same principal
// replaces level and end of the first.
//
// Only records with an owner can be shared; a part is shared with its whole.
func (m Module) Share(ctx context.Context, ref record.Ref, principal schema.ID, level org.Level, until time.Time) (*org.Share, error) {
	k := m.s.Registry().Kind(ref.Kind)
	if k == nil || k.Owner() == nil {
		return nil, fault.InvalidField("kind", "kind", "records of this kind can't be shared")
	}
	if !until.IsZero() && !until.After(m.s.Now()) {
		return nil, fault.InvalidField("expires_at", "past", "the share would have ended already")
	}
	var share *org.Share
	err := m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		created, err := mayShare(ctx, s, k, ref.ID, org.ShareIt)
		if err == nil && level >= org.FullAccess {
			_, err = mayShare(ctx, s, k, ref.ID, org.Delete)
		}
		if err != nil {
			return err
		}
		if err := isPrincipal(ctx, s, principal); err != nil {
			return err
		}
		shares := session.Of(s, org.Shares).Trusted()
		page, err := shares.Find(ctx, query.Select{Limit: 1, Where: query.All(query.Eq("kind", ref.Kind), query.Eq("record_id", ref.ID),
			query.Eq("principal_id", principal), query.Eq("cause", org.ByHand))})
		if err != nil {
			return err
		}
		if len(page.Items) > 0 {
			share, err = shares.Edit(ctx, page.Items[0].ID, func(v *org.Share) error {
				v.Level, v.ExpiresAt = level, until
				return nil
			})
			return err
		}
		share, err = shares.Create(ctx, &org.Share{Kind: ref.Kind, RecordID: ref.ID, RecordCreatedAt: created,
			PrincipalID: principal, Level: level, Cause: org.ByHand, ExpiresAt: until})
		return again(err)
	})
	return share, err
}

// again returns Retry for a record that somebody else has created since it was looked for:
// the transaction is run again, and finds it.
func again(err error) error {
	if errors.Is(err, storage.ErrExists) {
		return &fault.Error{Code: fault.Retry, Message: "another transaction created it at the same time", Err: err}
	}
	return err
}

// Unshare removes a share. The actor needs the right to share the record. It is Referenced for
// the share of a team's member, which ends with the membership.
func (m Module) Unshare(ctx context.Context, share schema.ID) error {
	return m.s.Whole(ctx, func(ctx context.Context, s *session.Session) error {
		shares := session.Of(s, org.Shares).Trusted()
		v, err := shares.Get(ctx, share)
		if err != nil {
			return err
		}
		k := s.Registry().Kind(v.Kind)
		if _, err := mayShare(ctx, s, k, v.RecordID, org.ShareIt); err != nil {
			return err
		}
		return shares.Delete(ctx, share, v.Version)
	})
}

// SharesOf returns a page of a record's shares, those that have ended (ExpiresAt) among
// them. Whoever may read the record may see to whom it is shared.
func (m Module) SharesOf(ctx context.Context, ref record.Ref, q query.Select) (storage.Page[org.Share], error) {
	k := m.s.Registry().Kind(ref.Kind)
	if k == nil {
		return storage.Page[org.Share]{}, fault.InvalidField("kind", "kind", "there is no such kind")
	}
	if _, err := mayShare(ctx, m.s, k, ref.ID, org.Read); err != nil {
		return storage.Page[org.Share]{}, err
	}
	q.Where = query.All(query.Eq("kind", ref.Kind), query.Eq("record_id", ref.ID), q.Where)
	return session.Of(m.s, org.Shares).Trusted().Find(ctx, q)
}

// mayShare asks for a verb on the record and returns its creation time.
func mayShare(ctx context.Context, s *session.Session, k *schema.Kind, id schema.ID, v org.Verb) (time.Time, error) {
	row, err := s.Row(ctx, v, k, id)
	if err != nil {
		return time.Time{}, err
	}
	return createdAt(k, row), nil
}

// createdAt returns when the record of a row was created.
func createdAt(k *schema.Kind, row driver.Row) time.Time {
	at, _ := row[k.Field("created_at").Position].(time.Time)
	return at
}

func isPrincipal(ctx context.Context, s *session.Session, id schema.ID) error {
	dir, err := s.Directory(ctx)
	if err != nil {
		return err
	}
	if dir.Employee(id) == nil && dir.Department(id) == nil && dir.Role(id) == nil {
		return fault.InvalidField("principal_id", "reference", "is no employee, department or role")
	}
	return nil
}
