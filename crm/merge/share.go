package merge

import (
	"context"
	"time"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// widerShares keeps of two shares that somebody has of winner and loser for one cause the
// one that Longer tells, at the winner's.
func widerShares(ctx context.Context, s *session.Session, writes []session.Write[org.Share]) error {
	if len(writes) == 0 {
		return nil
	}
	var principals []schema.ID
	for _, w := range writes {
		principals = append(principals, w.New.PrincipalID)
	}
	type seat struct {
		principal schema.ID
		cause     org.Cause
	}
	there := map[seat]org.Share{}
	all := storage.Of(s.Tenant(), org.Shares)
	where := query.All(query.Eq("kind", writes[0].New.Kind), query.Eq("record_id", writes[0].New.RecordID), query.In("principal_id", principals...))
	for share, err := range all.All(ctx, query.Select{Where: where}) {
		if err != nil {
			return err
		}
		there[seat{share.PrincipalID, share.Cause}] = share
	}
	for i, w := range writes {
		mine, found := there[seat{w.New.PrincipalID, w.New.Cause}]
		if !found {
			continue
		}
		if Longer(w.New.Level, w.New.ExpiresAt, mine.Level, mine.ExpiresAt) {
			_, err := session.Of(s, org.Shares).Trusted().EditAs(ctx, org.Update, "share.merged", mine.ID, 0, func(share *org.Share) error {
				share.Level, share.ExpiresAt = w.New.Level, w.New.ExpiresAt
				return nil
			})
			if err != nil {
				return err
			}
		}
		writes[i].New = nil
	}
	return nil
}

// Longer reports whether one access to a record outlasts another or, where they last as
// long, allows more: which of two is kept, so that nobody gets more than they had. An end of
// zero is never.
func Longer(level org.Level, end time.Time, otherLevel org.Level, otherEnd time.Time) bool {
	switch {
	case end.Equal(otherEnd):
		return level > otherLevel
	case end.IsZero():
		return true
	}
	return !otherEnd.IsZero() && end.After(otherEnd)
}
