package crm_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestAMergeIsToldOutsideOnce relays a merge of more than one page, and its undoing: who is
// told learns once which customer stands for which others, and what has moved.
func TestAMergeIsToldOutsideOnce(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, sys := t.Context(), crmtest.System(t, app)
		var ids []schema.ID
		for i := range 3 {
			ids = append(ids, must(sys.Customers.Create(ctx, &customer.Customer{Name: fmt.Sprint(i)}))(t).ID)
		}
		const many = query.MaxLimit + 1
		for _, some := range []int{many / 2, many - many/2} {
			people := make([]*customer.Contact, some)
			for i := range people {
				people[i] = &customer.Contact{Name: fmt.Sprint(i), CustomerID: ids[1]}
			}
			must(sys.Customers.Contacts.CreateMany(ctx, "", people...))(t)
		}
		must(sys.Customers.Contacts.Create(ctx, &customer.Contact{Name: "Li", CustomerID: ids[2]}))(t)
		var told []journal.Entry
		listen := publisher(func(entries []journal.Entry) {
			for _, e := range entries {
				if e.Kind == merge.Merges.Name() {
					told = append(told, e)
				}
			}
		})
		req := merge.Request{Winner: ids[0], Losers: ids[1:], Reason: "the same company"}
		must(sys.Customers.PreviewMerge(ctx, req))(t)
		must(app.Relay(ctx, listen))(t)
		require.Empty(t, told, "a preview is no merge")

		done := must(sys.Customers.Merge(ctx, req))(t)
		must(app.Relay(ctx, listen))(t)
		require.Len(t, told, 1)
		require.Equal(t, []any{"merge.created", done.Merge.ID}, []any{told[0].Event, told[0].RecordID})
		says := func(e journal.Entry, field string, into any) {
			t.Helper()
			for _, ch := range e.Changes {
				if ch.Field == field {
					require.NoError(t, json.Unmarshal(ch.To, into))
				}
			}
		}
		var kind, reason string
		var winner schema.ID
		var losers []schema.ID
		var counts []merge.Count
		for field, into := range map[string]any{"kind": &kind, "reason": &reason, "winner_id": &winner, "loser_ids": &losers, "counts": &counts} {
			says(told[0], field, into)
		}
		require.Equal(t, []any{"customer", "the same company", ids[0], ids[1:]}, []any{kind, reason, winner, losers})
		require.Equal(t, []merge.Count{{Kind: "contact", Moved: many + 1}}, counts)

		must(sys.Customers.Unmerge(ctx, done.Merge.ID))(t)
		must(app.Relay(ctx, listen))(t)
		require.Len(t, told, 2)
		require.Equal(t, []any{"merge.undone", done.Merge.ID}, []any{told[1].Event, told[1].RecordID}, "it names the merge that was told before")
		var state merge.State
		says(told[1], "state", &state)
		require.Equal(t, merge.Undone, state)
	})
}
