package crm_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// firm is an application with two people and a pipeline in it.
type firm struct {
	app      *crm.App
	boss     schema.ID
	alice    schema.ID // reports to boss
	pipeline schema.ID
	stages   []*opportunity.Stage // two open ones, won, lost
}

func newFirm(t *testing.T, app *crm.App) *firm {
	t.Helper()
	w := &firm{app: app}
	w.boss = crmtest.Hire(t, app, "Boss", schema.ID{}, schema.ID{})
	w.alice = crmtest.Hire(t, app, "Alice", w.boss, schema.ID{})
	p, stages, err := crmtest.System(t, app).Opportunities.CreatePipeline(t.Context(), &opportunity.Pipeline{Name: "Direct"}, stages()...)
	require.NoError(t, err)
	w.pipeline, w.stages = p.ID, stages
	return w
}

func stages() []*opportunity.Stage {
	return []*opportunity.Stage{
		{Name: "Contact", State: opportunity.Open}, {Name: "Offer", State: opportunity.Open},
		{Name: "Won", State: opportunity.Won}, {Name: "Lost", State: opportunity.Lost},
	}
}

// as returns a session of alice.
func (w *firm) as(t *testing.T) *crm.Session { return crmtest.As(t, w.app, w.alice) }

// deal returns an opportunity to create.
func (w *firm) deal() *opportunity.Opportunity {
	return &opportunity.Opportunity{Name: "Deal", PipelineID: w.pipeline, Amount: decimal.NewNullDecimal(decimal.NewFromInt(100))}
}

// customer stores a customer of alice's.
func (w *firm) customer(t *testing.T) *customer.Customer {
	t.Helper()
	return must(w.as(t).Customers.Create(t.Context(), &customer.Customer{Name: "Acme", Code: unique()}))(t)
}

// contacts stores two contacts of a customer of alice's, the primary one first.
func (w *firm) contacts(t *testing.T) (zhang, li schema.ID) {
	t.Helper()
	c := w.customer(t).ID
	both := must(w.as(t).Customers.Contacts.CreateMany(t.Context(), "", &customer.Contact{Name: "Zhang", CustomerID: c}, &customer.Contact{Name: "Li", CustomerID: c}))(t)
	return both[0].ID, both[1].ID
}

// consent records what a contact says about mail.
func (w *firm) consent(t *testing.T, contact schema.ID, state customer.ConsentState) error {
	t.Helper()
	_, err := w.as(t).Customers.RecordConsent(t.Context(), &customer.ConsentEntry{ContactID: contact, Channel: customer.Email, Purpose: customer.ForMarketing, State: state})
	return err
}

// unique returns a text that no other call returns.
func unique() string { return schema.NewID().String() }

// must requires that a call has succeeded and returns its result.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		require.NoError(t, err)
		return v
	}
}

// noTime is no end.
var noTime time.Time

// together runs fn n times at once and returns the errors.
func together(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// succeeded returns the number of errors that are nil.
func succeeded(errs []error) int {
	n := 0
	for _, err := range errs {
		if err == nil {
			n++
		}
	}
	return n
}

// requireCode requires that err is the library's own and has one of the codes.
func requireCode(t *testing.T, err error, codes ...storage.Code) *crm.Error {
	t.Helper()
	var e *crm.Error
	require.ErrorAs(t, err, &e)
	require.Contains(t, codes, e.Code, "%v (cause: %v)", err, e.Err)
	return e
}

// codeIs reports whether err is the library's own, of a code.
func codeIs(err error, code storage.Code) bool {
	var e *crm.Error
	return errors.As(err, &e) && e.Code == code
}

// dump returns every row of a tenant by kind, in order of their ids.
func dump(t *testing.T, app *crm.App) map[string][]string {
	t.Helper()
	tenant, out := crmtest.System(t, app).Tenant(), map[string][]string{}
	for _, k := range tenant.DB().Registry().Kinds() {
		q := query.Select{Limit: query.MaxLimit}
		for {
			page, err := tenant.Select(context.Background(), k, q, nil)
			require.NoError(t, err)
			for _, row := range page.Rows {
				text, err := driver.MarshalRow(row)
				require.NoError(t, err)
				out[k.Name()] = append(out[k.Name()], string(text))
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
	}
	return out
}

// sizes returns the number of a tenant's rows by kind.
func sizes(t *testing.T, app *crm.App) map[string]int64 {
	t.Helper()
	tenant, out := crmtest.System(t, app).Tenant(), map[string]int64{}
	for _, k := range tenant.DB().Registry().Kinds() {
		groups, err := tenant.Aggregate(t.Context(), k, query.Aggregate{Measures: []query.Measure{{Fn: query.Count}}}, nil)
		require.NoError(t, err)
		out[k.Name()] = groups.Rows[0][0].(int64)
	}
	return out
}

// requireSound requires that no verb was half done: every version of every record has
// one journal entry, every entry its outbox row (nothing has been relayed), stage logs
// have no gap, the closure is that of the managers, what belongs to customers fits
// together, each customer has an owner, waits in a pool, or neither, and the history of owners
// leads from who got a record first to who has it.
func requireSound(t *testing.T, app *crm.App) {
	t.Helper()
	// All of it at one time: a process that was killed may have a commit under way.
	require.NoError(t, crmtest.System(t, app).Tenant().Read(t.Context(), func(_ context.Context, tenant *storage.Tenant) error {
		requireJournal(t, tenant)
		requireStageLogs(t, tenant)
		requireClosure(t, tenant)
		requireParts(t, tenant)
		requirePools(t, tenant)
		requireHands(t, tenant)
		return nil
	}))
}

func all[T any](t *testing.T, tenant *storage.Tenant, d schema.Definition[T]) []T {
	t.Helper()
	var list []T
	for v, err := range storage.Of(tenant, d).All(context.Background(), query.Select{}) {
		require.NoError(t, err)
		list = append(list, v)
	}
	return list
}

func requireJournal(t *testing.T, tenant *storage.Tenant) {
	t.Helper()
	type version struct {
		kind string
		id   schema.ID
		n    int64
	}
	told, waiting := map[version]bool{}, map[schema.ID]version{}
	for _, p := range all(t, tenant, journal.Outbox) {
		waiting[p.ID] = version{p.Kind, p.RecordID, p.Version}
	}
	entries := all(t, tenant, journal.Entries)
	require.Len(t, waiting, len(entries), "one outbox row for each entry")
	for _, e := range entries {
		v := version{e.Kind, e.RecordID, e.RecordVersion}
		require.False(t, told[v], "version %d of %s %s is told twice", e.RecordVersion, e.Kind, e.RecordID)
		require.Equal(t, v, waiting[e.ID], "the outbox row of an entry")
		told[v] = !e.RecordID.IsZero() // else it tells of an export
	}
	for v, record := range told {
		if !record {
			continue
		}
		beside := v.kind == "pool_stay" || v.kind == "tombstone" || v.kind == "owner_change" // they are told of when a merge moves them
		require.True(t, beside || v.n == 1 || told[version{v.kind, v.id, v.n - 1}], "%v is told, the version before is not", v)
	}
	for _, name := range []string{"customer", "contact", "product", "opportunity", "pipeline", "stage", "department", "employee", "role", "share",
		"address", "teammate", "relation", "consent_entry", "pool"} {
		k := tenant.DB().Registry().Kind(name)
		q := query.Select{Limit: query.MaxLimit}
		for {
			page, err := tenant.Select(context.Background(), k, q, nil)
			require.NoError(t, err)
			for _, row := range page.Rows {
				v := version{name, row[k.ID().Position].(schema.ID), row[k.Version().Position].(int64)}
				require.True(t, told[v], "%v is stored and not told", v)
				v.n++
				require.False(t, told[v], "%v is told and not stored", v)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				break
			}
		}
	}
}

func requireStageLogs(t *testing.T, tenant *storage.Tenant) {
	t.Helper()
	visits := map[schema.ID]map[int64]opportunity.StageLog{}
	for _, l := range all(t, tenant, opportunity.StageLogs) {
		if visits[l.OpportunityID] == nil {
			visits[l.OpportunityID] = map[int64]opportunity.StageLog{}
		}
		visits[l.OpportunityID][l.Seq] = l
	}
	for _, o := range all(t, tenant, opportunity.Opportunities) {
		log := visits[o.ID]
		require.Len(t, log, int(o.Visits), "the stage log of %s", o.ID)
		for seq := int64(1); seq <= o.Visits; seq++ {
			l, ok := log[seq]
			require.True(t, ok, "visit %d of %s", seq, o.ID)
			if seq < o.Visits {
				require.Equal(t, log[seq+1].EnteredOn, l.LeftOn, "visit %d of %s", seq, o.ID)
				continue
			}
			require.Equal(t, o.StageID, l.StageID)
			require.Equal(t, o.State == opportunity.Open, l.LeftOn.IsZero(), "the last visit of %s, which is %s", o.ID, o.State)
		}
	}
}

func requireClosure(t *testing.T, tenant *storage.Tenant) {
	t.Helper()
	dir, err := org.Load(context.Background(), tenant)
	require.NoError(t, err)
	want, got := map[string]bool{}, map[string]bool{}
	dir.Closure(func(a, d schema.ID, depth int64) { want[fmt.Sprint(a, d, depth)] = true })
	for _, r := range all(t, tenant, org.Reaches) {
		got[fmt.Sprint(r.AncestorID, r.DescendantID, r.Depth)] = true
	}
	require.Equal(t, want, got, "the closure")
}

// requireParts requires one primary contact of each customer with contacts, one default
// address of each kind, a share for each teammate, and consents as the ledger says.
func requireParts(t *testing.T, tenant *storage.Tenant) {
	t.Helper()
	chosen := map[string]int{}
	count := func(group string, is bool) {
		chosen[group] += 0
		if is {
			chosen[group]++
		}
	}
	for _, c := range all(t, tenant, customer.Contacts) {
		count("primary contact of "+c.CustomerID.String(), c.Primary)
	}
	for _, a := range all(t, tenant, customer.Addresses) {
		count(a.Kind+" address of "+a.CustomerID.String(), a.Default)
	}
	for group, n := range chosen {
		require.Equal(t, 1, n, group)
	}
	team := map[schema.ID]bool{}
	for _, m := range all(t, tenant, customer.Teammates) {
		team[m.ShareID] = true
	}
	for _, share := range all(t, tenant, org.Shares) {
		require.Equal(t, share.Cause == org.ByTeam, team[share.ID], "a share goes with a teammate, and only then")
	}
	type of struct {
		customer, contact schema.ID
		channel           customer.Channel
		purpose           string
	}
	want, got, since := map[of]customer.ConsentState{}, map[of]customer.ConsentState{}, map[of]time.Time{}
	for _, e := range all(t, tenant, customer.ConsentEntries) {
		key := of{e.CustomerID, e.ContactID, e.Channel, e.Purpose}
		switch {
		case e.At.After(since[key]):
			want[key], since[key] = e.State, e.At
		case e.At.Equal(since[key]):
			want[key] = customer.MostRestrictive(want[key], e.State)
		}
	}
	for _, c := range all(t, tenant, customer.Consents) {
		got[of{c.CustomerID, c.ContactID, c.Channel, c.Purpose}] = c.State
	}
	require.Equal(t, want, got, "consents")
}

// requirePools requires that a customer in a pool has no owner and one open stay, which is
// its last, and that others have none. Stays follow each other, but those of customers that
// were two.
func requirePools(t *testing.T, tenant *storage.Tenant) {
	t.Helper()
	stays := map[schema.ID][]customer.PoolStay{}
	for _, stay := range all(t, tenant, customer.PoolStays) {
		stays[stay.CustomerID] = append(stays[stay.CustomerID], stay)
	}
	merged := map[schema.ID]bool{}
	for _, stone := range all(t, tenant, session.Tombstones) {
		merged[stone.IntoID] = true
	}
	for _, c := range all(t, tenant, customer.Customers) {
		list := stays[c.ID]
		slices.SortFunc(list, func(a, b customer.PoolStay) int {
			if open := a.Until.IsZero(); merged[c.ID] && open != b.Until.IsZero() {
				return map[bool]int{true: 1, false: -1}[open]
			}
			return cmp.Or(a.Since.Compare(b.Since), a.ID.Compare(b.ID))
		})
		for i, stay := range list {
			last := i == len(list)-1
			require.Equal(t, last && !c.PoolID.IsZero(), stay.Until.IsZero(), "stay %d of %d of %s is open", i, len(list), c.ID)
			require.True(t, last || merged[c.ID] || !list[i+1].Since.Before(stay.Until), "stay %d of %s ends after the next begins", i, c.ID)
			require.False(t, !stay.Until.IsZero() && stay.Until.Before(stay.Since))
		}
		if c.PoolID.IsZero() {
			require.Equal(t, c.OwnerID.IsZero(), c.QuietSince.IsZero(), "%s", c.ID)
			continue
		}
		require.Zero(t, c.Owned, "a customer in a pool has neither owner nor department")
		require.NotEmpty(t, list)
		require.Equal(t, list[len(list)-1].PoolID, c.PoolID)
	}
}
