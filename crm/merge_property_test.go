package crm_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestMergesKeepTheirPromises merges random customers with random parts, two ways: all
// losers at once, and one after the other. Both come to the same, nothing is lost but what
// the winner had as well, nobody is opted in, who sees more or less was told before, and
// undoing makes everything as it was.
func TestMergesKeepTheirPromises(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		clock := &crmtest.Clock{At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
		all := crmtest.Open(t, store, crm.WithClock(clock.Now))
		rounds := 0
		rapid.Check(t, func(r *rapid.T) {
			rounds++
			if store.Name() != "memory" && rounds > 6 {
				return
			}
			town := randomTown(t, r)
			atOnce, step := all.Tenant("a"+strconv.Itoa(rounds)), all.Tenant("b"+strconv.Itoa(rounds))
			town.build(t, atOnce)
			town.build(t, step)
			winner, losers := town.ids[0], rapid.Permutation(town.ids[1:]).Draw(r, "losers")[:rapid.IntRange(1, len(town.ids)-1).Draw(r, "n")]
			merged := append([]schema.ID{winner}, losers...)
			before, stepBefore, consents := content(t, atOnce), content(t, step), town.withdrawn(t, atOnce)
			pointed, read := pointers(t, atOnce, "customer", merged), town.readers(t, atOnce, merged)

			sys, req := crmtest.System(t, atOnce), merge.Request{Winner: winner, Losers: losers}
			would := must(sys.Customers.PreviewMerge(t.Context(), req))(t)
			require.Equal(r, before, content(t, atOnce))
			done := must(sys.Customers.Merge(t.Context(), req))(t)
			var undo []schema.ID
			for _, loser := range losers {
				one := must(crmtest.System(t, step).Customers.Merge(t.Context(), merge.Request{Winner: winner, Losers: []schema.ID{loser}}))(t)
				undo = append(undo, one.Merge.ID)
			}

			requireMoved(r, pointed, pointers(t, atOnce, "customer", merged), content(t, atOnce), done)
			reads := town.readers(t, atOnce, []schema.ID{winner})
			require.Equal(r, without(reads, read), without(would.Gains, nil), "who sees more was listed")
			require.Equal(r, without(read, reads), without(would.Loses, nil), "who sees less was listed")
			for _, app := range []*crm.App{atOnce, step} {
				for _, loser := range losers {
					require.Empty(r, pointing(t, app, loser))
				}
				requireSound(t, app)
				for at := range consents {
					if !slices.Contains(losers, at.customer) {
						continue
					}
					state := must(crmtest.System(t, app).Customers.Consent(t.Context(), winner, schema.ID{}, at.channel, at.purpose))(t)
					require.Equal(r, customer.ConsentWithdrawn, state, "nobody is opted in")
				}
			}
			same, other := town.said(content(t, atOnce)), town.said(content(t, step))
			delete(same, "tombstone") // which name their merges
			delete(other, "tombstone")
			require.Equal(r, same, other, "at once, and one after the other")
			require.Equal(r, reads, town.readers(t, step, []schema.ID{winner}))

			must(sys.Customers.Unmerge(t.Context(), done.Merge.ID))(t)
			slices.Reverse(undo)
			for _, id := range undo {
				must(crmtest.System(t, step).Customers.Unmerge(t.Context(), id))(t)
			}
			for _, app := range []*crm.App{atOnce, step} {
				requireSound(t, app)
				require.Equal(r, consents, town.withdrawn(t, app))
			}
			require.Equal(r, before, content(t, atOnce))
			require.Equal(r, stepBefore, content(t, step))
			require.Equal(r, read, town.readers(t, atOnce, merged))
		})
	})
}

// without returns those of a that are not in b, in order.
func without(a, b []schema.ID) []schema.ID {
	left := slices.DeleteFunc(slices.Clone(a), func(id schema.ID) bool { return slices.Contains(b, id) })
	slices.SortFunc(left, schema.ID.Compare)
	return append([]schema.ID{}, left...)
}

// pointer is a record that points at another through a field.
type pointer struct {
	field string // KIND.FIELD
	id    schema.ID
}

// pointers returns what points at some records, and at which: through every field that the
// registry knows of, but histories and what follows from other records.
func pointers(t *testing.T, app *crm.App, kind string, ids []schema.ID) map[pointer]schema.ID {
	t.Helper()
	tenant, out := crmtest.System(t, app).Tenant(), map[pointer]schema.ID{}
	collect := func(k *schema.Kind, f *schema.Field, where query.Expr) {
		page, err := tenant.Select(t.Context(), k, query.Select{Where: query.All(query.In(f.Name, ids...), where), Limit: query.MaxLimit}, nil)
		require.NoError(t, err)
		require.Empty(t, page.Next)
		for _, row := range page.Rows {
			if id := row[k.ID().Position].(schema.ID); k.Name() != kind || !slices.Contains(ids, id) {
				out[pointer{k.Name() + "." + f.Name, id}] = row[f.Position].(schema.ID)
			}
		}
	}
	for _, k := range tenant.DB().Registry().Kinds() {
		if k.Derived() || k.Version() == nil {
			continue
		}
		for _, rel := range k.Relations() {
			if !rel.Many && rel.ToName == kind {
				collect(k, rel.Field, nil)
			}
		}
		for _, ref := range k.Refs() {
			collect(k, ref.ID, query.Eq(ref.Kind.Name, kind))
		}
	}
	kept, role := tenant.DB().Registry().Shares()
	collect(kept, role.Record, query.Eq(role.Kind.Name, kind))
	return out
}

// requireMoved requires that all that pointed at the merged records points at the winner, or
// was given up and counted.
func requireMoved(r *rapid.T, before, after map[pointer]schema.ID, content map[string][]string, done *merge.Result) {
	r.Helper()
	gone := map[string]map[schema.ID]bool{}
	for at := range before {
		kind, _, _ := strings.Cut(at.field, ".")
		if now, there := after[at]; there {
			require.Equal(r, done.Merge.WinnerID, now, at.field)
			continue
		}
		require.NotContains(r, strings.Join(content[kind], ""), at.id.String(), "%s points elsewhere", at.field)
		if gone[kind] == nil {
			gone[kind] = map[schema.ID]bool{}
		}
		gone[kind][at.id] = true
	}
	for at := range after {
		if _, old := before[at]; !old && at.field != "tombstone.into_id" {
			require.Contains(r, at.field, "consent_entry.", "nothing new but what keeps consents withdrawn")
		}
	}
	given := map[string]int{}
	for _, c := range done.Merge.Counts {
		given[c.Kind] = int(c.GivenUp)
	}
	given["share"] += given["teammate"] // who is in both teams had a share of each
	for _, k := range slices.Concat(slices.Collect(maps.Keys(gone)), slices.Collect(maps.Keys(given))) {
		require.Len(r, gone[k], given[k], k)
	}
}
