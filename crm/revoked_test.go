package crm_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// TestWhatIsRevokedIsGoneForTheNextSession takes a role from a person and then makes
// them inactive; the next session goes by it, in this process and in another one that
// had sessions of theirs before.
func TestWhatIsRevokedIsGoneForTheNextSession(t *testing.T) {
	for name, where := range addresses(t) {
		t.Run(name, func(t *testing.T) {
			where := where(t)
			store, err := openAt(t.Context(), where)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, store.Close()) })
			app := crmtest.Open(t, store)
			w := newFirm(t, app)
			w.customer(t)
			sees := crmtest.Hire(t, app, "Auditor", schema.ID{}, schema.ID{})
			other := spawn(t, "act", where, sees.String())
			requireSees := func(want string) {
				t.Helper()
				require.Equal(t, want, act(t.Context(), app, sees), "in this process")
				_, err := fmt.Fprintln(other.in, "act")
				require.NoError(t, err)
				got, _ := other.line()
				require.Equal(t, want, got, "in another process: %s", &other.err)
			}
			people, roles := crmtest.System(t, app).Admin.Employees, crmtest.System(t, app).Admin.Roles
			change := func(fn func(*org.Employee)) {
				t.Helper()
				_, err := people.Edit(t.Context(), sees, func(e *org.Employee) error { fn(e); return nil })
				require.NoError(t, err)
			}

			requireSees("0 customers")
			role, err := roles.Create(t.Context(), &org.Role{Name: "Audit", Grants: []org.Grant{{Kind: "customer", Verbs: []org.Verb{org.Read}, Range: org.AllRange}}})
			require.NoError(t, err)
			change(func(e *org.Employee) { e.Roles = []schema.ID{role.ID} })
			requireSees("1 customers")
			_, err = roles.Edit(t.Context(), role.ID, func(r *org.Role) error { r.Grants[0].Range = org.OwnRange; return nil })
			require.NoError(t, err)
			requireSees("0 customers")
			_, err = roles.Edit(t.Context(), role.ID, func(r *org.Role) error { r.Grants = nil; return nil })
			require.NoError(t, err)
			requireSees("forbidden")
			change(func(e *org.Employee) { e.Roles = nil })
			requireSees("0 customers")
			_, err = people.Edit(t.Context(), w.alice, func(e *org.Employee) error { e.ManagerID = sees; return nil })
			require.NoError(t, err)
			requireSees("1 customers")
			_, err = people.Edit(t.Context(), w.alice, func(e *org.Employee) error { e.ManagerID = w.boss; return nil })
			require.NoError(t, err)
			requireSees("0 customers")
			change(func(e *org.Employee) { e.Inactive = true })
			requireSees("no session")
			change(func(e *org.Employee) { e.Inactive = false })
			requireSees("0 customers")
			other.kill(t)
		})
	}
}

// actOnEachLine is a child's job: for each line of the standard input it acts as an
// employee in a new session.
func actOnEachLine(ctx context.Context, app *crm.App) error {
	id, err := schema.ParseID(os.Getenv(asVariable))
	if err != nil {
		return err
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		fmt.Println(act(ctx, app, id)) //nolint:forbidigo // the parent reads it
	}
	return nil
}

// act tells what an employee sees in a new session.
func act(ctx context.Context, app *crm.App, id schema.ID) string {
	s, err := app.As(ctx, id)
	if codeIs(err, storage.Forbidden) {
		return "no session"
	}
	if err != nil {
		return err.Error()
	}
	page, err := s.Customers.Find(ctx, query.Select{})
	if codeIs(err, storage.Forbidden) {
		return "forbidden"
	}
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%d customers", len(page.Items))
}
