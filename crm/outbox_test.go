package crm_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/schema"
)

// subscriber is a publisher that keeps what it was given, and refuses out of order.
type subscriber struct {
	tenant string
	mu     sync.Mutex
	last   map[schema.ID]int64 // the version last given of each record
	got    map[schema.ID]int   // how often each entry was given
	refuse func() error
}

func subscribe() *subscriber { return subscribeTo(crm.DefaultTenant) }

func subscribeTo(tenant string) *subscriber {
	return &subscriber{tenant: tenant, last: map[schema.ID]int64{}, got: map[schema.ID]int{}, refuse: func() error { return nil }}
}

// Publish implements journal.Publisher. An entry that comes again is none out of order.
func (s *subscriber) Publish(_ context.Context, tenant string, entries []journal.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if tenant != s.tenant {
		return fmt.Errorf("tenant %q", tenant)
	}
	for _, e := range entries {
		if s.got[e.ID]++; s.got[e.ID] == 1 {
			if s.last[e.RecordID]+1 != e.RecordVersion {
				return fmt.Errorf("version %d of %s came after %d", e.RecordVersion, e.RecordID, s.last[e.RecordID])
			}
			s.last[e.RecordID] = e.RecordVersion
		}
	}
	return s.refuse()
}

// requireAll requires that every entry was given and none waits.
func (s *subscriber) requireAll(t *testing.T, app *crm.App) {
	t.Helper()
	tenant := crmtest.System(t, app).Tenant()
	require.Empty(t, all(t, tenant, journal.Outbox))
	entries := all(t, tenant, journal.Entries)
	require.Len(t, s.got, len(entries))
	for _, e := range entries {
		require.Positive(t, s.got[e.ID], "%s %s of version %d was lost", e.Event, e.RecordID, e.RecordVersion)
	}
}

// busy writes a few hundred entries, several of each record.
func (w *firm) busy(t *testing.T) {
	t.Helper()
	for range 60 {
		c := w.customer(t)
		for i := range 3 {
			_, err := w.as(t).Customers.Edit(t.Context(), c.ID, func(c *customer.Customer) error { c.Phone = fmt.Sprint(i); return nil })
			require.NoError(t, err)
		}
	}
	o := must(w.as(t).Opportunities.Create(t.Context(), w.deal()))(t)
	must(w.as(t).Opportunities.Advance(t.Context(), o.ID, opportunity.Move{}))(t)
	must(w.as(t).Opportunities.Win(t.Context(), o.ID, opportunity.Outcome{}))(t)
}

func TestRelayDeliversAllInOrder(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		newFirm(t, app).busy(t)
		newFirm(t, app.Tenant("other"))
		waiting := sizes(t, app.Tenant("other"))["outbox"]
		s := subscribe()
		n, err := app.Relay(t.Context(), s)
		require.NoError(t, err)
		require.Len(t, s.got, n)
		s.requireAll(t, app)
		n, err = app.Relay(t.Context(), s)
		require.NoError(t, err)
		require.Zero(t, n, "nothing is left")
		require.Equal(t, waiting, sizes(t, app.Tenant("other"))["outbox"], "another tenant's wait")
	})
}

func TestAPublisherThatFailsLosesNothing(t *testing.T) {
	down := errors.New("the broker is down")
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		newFirm(t, app).busy(t)
		s := subscribe()
		calls := 0
		s.refuse = func() error {
			if calls++; calls%2 == 1 {
				return down
			}
			return nil
		}
		for {
			_, err := app.Relay(t.Context(), s)
			if err == nil {
				break
			}
			require.ErrorIs(t, err, down)
		}
		require.Greater(t, calls, 2)
		s.requireAll(t, app)
	})
}

func TestTwoRelaysAtOnceDeliverAllInOrder(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w := newFirm(t, app)
		s := subscribe()
		stop := make(chan struct{})
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i := range errs {
			wg.Go(func() {
				for {
					if _, errs[i] = app.Relay(t.Context(), s); errs[i] != nil {
						return
					}
					select {
					case <-stop:
						return
					default:
					}
				}
			})
		}
		w.busy(t)
		close(stop)
		wg.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		_, err := app.Relay(t.Context(), s)
		require.NoError(t, err)
		s.requireAll(t, app)
	})
}

// TestASlowRelayIsOvertaken has a relay publish for longer than its lease, so that
// another delivers the same and more meanwhile.
func TestASlowRelayIsOvertaken(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		clock := &crmtest.Clock{At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
		app := crmtest.Open(t, store, crm.WithClock(clock.Now))
		w := newFirm(t, app)
		w.busy(t)
		s, slow := subscribe(), subscribe()
		slow.refuse = func() error {
			if clock.At.Hour() == 9 {
				clock.At = clock.At.Add(time.Hour)
				must(app.Relay(t.Context(), s))(t)
				w.busy(t)
			}
			return nil
		}
		must(app.Relay(t.Context(), slow))(t)
		must(app.Relay(t.Context(), s))(t)
		s.requireAll(t, app)
	})
}

// TestAKilledRelayLosesNothing kills a process between publishing and deleting. Another
// relay takes over when the lease has run out, and not before.
func TestAKilledRelayLosesNothing(t *testing.T) {
	for name, where := range addresses(t) {
		t.Run(name, func(t *testing.T) {
			where := where(t)
			store, err := openAt(t.Context(), where)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, store.Close()) })
			var ahead time.Duration
			app := crmtest.Open(t, store, crm.WithClock(func() time.Time { return time.Now().Add(ahead) })) //nolint:forbidigo // the child goes by it, too
			newFirm(t, app).busy(t)
			before := sizes(t, app)["outbox"]
			p := spawn(t, "relay", where, "")
			line, _ := p.line()
			require.Equal(t, "published 200", line, "%s", &p.err)
			p.kill(t)
			require.Equal(t, before, sizes(t, app)["outbox"], "nothing was deleted")

			s := subscribe()
			n, err := app.Relay(t.Context(), s)
			require.NoError(t, err)
			require.Zero(t, n, "the dead process still has the lease")
			ahead = time.Hour
			n, err = app.Relay(t.Context(), s)
			require.NoError(t, err)
			require.EqualValues(t, before, n)
			s.requireAll(t, app)
		})
	}
}

// relayUntilKilled is a child's job: it publishes, says so, and never returns from it.
func relayUntilKilled(ctx context.Context, app *crm.App) error {
	_, err := app.Relay(ctx, publisher(func(entries []journal.Entry) {
		fmt.Println("published", len(entries)) //nolint:forbidigo // the parent reads it
		select {}
	}))
	return err
}

type publisher func([]journal.Entry)

// Publish implements journal.Publisher.
func (p publisher) Publish(_ context.Context, _ string, entries []journal.Entry) error {
	p(entries)
	return nil
}
