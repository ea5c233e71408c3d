package admin

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// HandoverShare tells that a line has ended a share, so that undoing can give it back. It is
// written with that and stays as it is.
type HandoverShare struct {
	ID      schema.ID
	LineID  schema.ID `crm:"line_id,required"`
	ShareID schema.ID `crm:"share_id,required"`
	// ShareVersion is that of the share after it was ended.
	ShareVersion int64
	// Until is when the share would have ended; zero is never.
	Until time.Time
}

// HandoverShares is the kind of HandoverShare.
var HandoverShares = schema.Define[HandoverShare]("handover_share",
	schema.IndexOn("line_id", "share_id"), schema.BelongsTo("line", "handover_line", "line_id"))

// shares returns the condition of the shares of records that the line ends.
func (l *HandoverLine) shares(k *schema.Kind, rows []driver.Row) query.Expr {
	return query.All(query.Eq("kind", k.Name()), query.In("record_id", idsOf(k, rows)...), query.In("cause", l.EndShares...))
}

// endShares ends the shares of rows that do not outlast the move.
func (l *HandoverLine) endShares(ctx context.Context, s *session.Session, k *schema.Kind, rows []driver.Row) error {
	if len(l.EndShares) == 0 || len(rows) == 0 {
		return nil
	}
	shares := storage.Of(s.Tenant(), org.Shares).Kind()
	end, now := shares.Field("expires_at"), s.Now()
	for {
		page, err := s.Tenant().Select(ctx, shares, query.Select{Limit: query.MaxLimit,
			Where: query.All(l.shares(k, rows), query.Any(query.Null(end.Name), query.Gt(end.Name, now)))}, nil)
		if err != nil || len(page.Rows) == 0 {
			return err
		}
		ended := make([]*HandoverShare, len(page.Rows))
		for i, share := range page.Rows {
			until, _ := share[end.Position].(time.Time)
			ended[i] = &HandoverShare{ID: s.Tenant().NewID(), LineID: l.ID, ShareID: share[shares.ID().Position].(schema.ID),
				ShareVersion: share[shares.Version().Position].(int64) + 1, Until: until}
		}
		if err := s.ChangeMany(ctx, shares, org.EventShareHandedOver, session.Bulk{Rows: page.Rows, Set: []driver.Assign{{Field: end, Value: now}}}); err != nil {
			return err
		}
		if err := storage.Of(s.Tenant(), HandoverShares).Insert(ctx, ended...); err != nil || page.Next == "" {
			return err
		}
	}
}

// giveBackShares gives back the shares of rows that the line has ended and that nobody has
// touched since.
func (l *HandoverLine) giveBackShares(ctx context.Context, s *session.Session, k *schema.Kind, rows []driver.Row) error {
	if len(l.EndShares) == 0 || len(rows) == 0 {
		return nil
	}
	shares := storage.Of(s.Tenant(), org.Shares).Kind()
	q := query.Select{Where: l.shares(k, rows), Sort: query.By("id"), Limit: query.MaxLimit}
	for {
		page, err := s.Tenant().Select(ctx, shares, q, nil)
		if err != nil {
			return err
		}
		back, err := l.ended(ctx, s, shares, page.Rows)
		if err != nil {
			return err
		}
		if err := s.ChangeMany(ctx, shares, org.EventShareGivenBack, back...); err != nil {
			return err
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

// ended returns what gives those of some shares their end again that are as the line has left
// them.
func (l *HandoverLine) ended(ctx context.Context, s *session.Session, shares *schema.Kind, rows []driver.Row) ([]session.Bulk, error) {
	found, err := storage.Of(s.Tenant(), HandoverShares).Find(ctx, query.Select{Limit: query.MaxLimit,
		Where: query.All(query.Eq("line_id", l.ID), query.In("share_id", idsOf(shares, rows)...))})
	if err != nil {
		return nil, err
	}
	told := make(map[schema.ID]HandoverShare, len(found.Items))
	for _, e := range found.Items {
		told[e.ShareID] = e
	}
	byEnd := map[time.Time][]driver.Row{}
	for _, row := range rows {
		e, ours := told[row[shares.ID().Position].(schema.ID)]
		if ours && row[shares.Version().Position] == e.ShareVersion {
			byEnd[e.Until.UTC()] = append(byEnd[e.Until.UTC()], row)
		}
	}
	var list []session.Bulk
	for _, until := range slices.SortedFunc(maps.Keys(byEnd), time.Time.Compare) {
		var end any
		if !until.IsZero() {
			end = until
		}
		list = append(list, session.Bulk{Rows: byEnd[until], Set: []driver.Assign{{Field: shares.Field("expires_at"), Value: end}}})
	}
	return list, nil
}
