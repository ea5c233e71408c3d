package crm_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// broken is a list that can't be read behind some lines.
type broken struct {
	sheet.Source
	after int
}

var errBroken = errors.New("the reader is gone")

func (b broken) Lines() iter.Seq2[sheet.Line, error] {
	return func(yield func(sheet.Line, error) bool) {
		n := 0
		for line, err := range b.Source.Lines() {
			if n == b.after {
				yield(sheet.Line{}, errBroken)
				return
			}
			if n++; !yield(line, err) {
				return
			}
		}
	}
}

// TestImportsAreTheSameHoweverTheyAreCut imports random lists in one go and in pieces that
// break off anywhere, and one line at a time; what is there then is the same. Undoing takes
// all of it back.
func TestImportsAreTheSameHoweverTheyAreCut(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		all := crmtest.Open(t, store)
		rounds := 0
		rapid.Check(t, func(r *rapid.T) {
			if rounds++; store.Name() != "memory" && rounds > 6 {
				return
			}
			randomImport(t, r, func(name string) *crm.App { return all.Tenant(fmt.Sprint(name, rounds)) })
		})
	})
}

func randomImport(t *testing.T, r *rapid.T, tenant func(string) *crm.App) {
	t.Helper()
	key := rapid.SampledFrom([]string{"code", "code", "name", ""}).Draw(r, "key")
	clears := rapid.Bool().Draw(r, "clear")
	codes, names := []string{"A", "B", "C", "D", "", "E"}, []string{"a", "b", "c", "", "d"}
	text := strings.Builder{}
	text.WriteString("code,name,phone,employees,parent,tax_id,contact.name,contact.phone,address.city\n")
	n := rapid.IntRange(0, 14).Draw(r, "lines")
	for i := range n {
		cell := func(of ...string) string { return rapid.SampledFrom(of).Draw(r, "cell") }
		code := cell(codes...)
		if key == "" {
			code = ""
		}
		fmt.Fprintf(&text, "%s,%s,%s,%s,%s,%s,%s,%s,%s\n", code, cell(names...), cell("0", "1", "2"), cell("", "", "7", "x"), cell("", "", "", "A", "b"),
			cell("", "", "", "T1", "T2"), cell("", "Li", "Wang"), cell("", fmt.Sprint(i)), cell("", "", "北京", "Köln"))
	}
	whole := text.String()
	run := func(name string, cuts []int) (*exchange.Import, string, string) {
		app := tenant(name)
		s := crmtest.System(t, app)
		must(s.Customers.Create(t.Context(), &customer.Customer{Name: "a", Code: "A"}))(t)
		p := planned(t, s, "customer", whole, key)
		p.Clear = clears
		job := must(s.Exchange.Start(t.Context(), p))(t)
		for _, cut := range cuts {
			_, err := crmtest.System(t, app).Exchange.Apply(t.Context(), job.ID, broken{list(t, whole), cut})
			if err != nil {
				require.ErrorIs(t, err, errBroken)
			}
		}
		job = must(crmtest.System(t, app).Exchange.Apply(t.Context(), job.ID, list(t, whole)))(t)
		requireSound(t, app)
		return job, refused(t, s, job.ID), contents(t, app)
	}
	cuts := rapid.SliceOfN(rapid.IntRange(0, n), 0, 4).Draw(r, "cuts")
	slices.Sort(cuts)
	steps := make([]int, n)
	for i := range steps {
		steps[i] = i + 1
	}
	job, errs, there := run("whole", nil)
	pieces, errsOfPieces, thereInPieces := run("pieces", cuts)
	single, errsOfSingle, thereInSingle := run("single", steps)
	require.Equal(t, job.Tally, pieces.Tally, whole)
	require.Equal(t, job.Tally, single.Tally, whole)
	require.Equal(t, errs, errsOfPieces, "%s%v", whole, cuts)
	require.Equal(t, errs, errsOfSingle, whole)
	require.Equal(t, there, thereInPieces, whole)
	require.Equal(t, there, thereInSingle, whole)
	require.Equal(t, int64(n), job.Lines)
	require.Equal(t, int(job.Refused+job.Unlinked), strings.Count(errs, "\n")-1)
	if key != "" { // a second time makes no second copy
		again := must(crmtest.System(t, tenant("whole")).Exchange.Start(t.Context(), job.Plan))(t)
		must(crmtest.System(t, tenant("whole")).Exchange.Apply(t.Context(), again.ID, list(t, whole)))(t)
		seen := map[string]bool{"": true}
		for _, c := range all(t, crmtest.System(t, tenant("whole")).Tenant(), customer.Customers) {
			k := map[string]string{"code": c.Code, "name": c.Name}[key]
			require.False(t, k != "" && seen[k], "%s twice: %s", k, whole)
			seen[k] = true
		}
	}
	undone := must(crmtest.System(t, tenant("pieces")).Exchange.Undo(t.Context(), pieces.ID))(t)
	require.Zero(t, undone.Left, whole)
	app := tenant("pieces")
	requireSound(t, app)
	untouched := tenant("untouched")
	must(crmtest.System(t, untouched).Customers.Create(t.Context(), &customer.Customer{Name: "a", Code: "A"}))(t)
	require.Equal(t, versionless(contents(t, untouched)), versionless(contents(t, app)), whole)
}

// contents tells what customers there are with all that belongs to them, but for ids and
// times.
func contents(t *testing.T, app *crm.App) string {
	t.Helper()
	tenant := crmtest.System(t, app).Tenant()
	name := map[schema.ID]string{}
	for _, c := range all(t, tenant, customer.Customers) {
		name[c.ID] = c.Code + c.Name
	}
	var lines []string
	for _, c := range all(t, tenant, customer.Customers) {
		staff := int64(-1)
		if c.Employees != nil {
			staff = *c.Employees
		}
		lines = append(lines, fmt.Sprint("customer ", c.Code, "|", c.Name, "|", c.Phone, "|", staff, "|", name[c.ParentID], "|", c.TaxID, "@", c.Version))
	}
	for _, c := range all(t, tenant, customer.Contacts) {
		lines = append(lines, fmt.Sprint("contact ", name[c.CustomerID], "|", c.Name, "|", c.Phone, "|", c.Primary, "@", c.Version))
	}
	for _, a := range all(t, tenant, customer.Addresses) {
		lines = append(lines, fmt.Sprint("address ", name[a.CustomerID], "|", a.Kind, "|", a.City, "|", a.Default, "@", a.Version))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func versionless(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i], _, _ = strings.Cut(line, "@")
	}
	return strings.Join(lines, "\n")
}

// TestTwoApplyAtOnce has several apply one job at the same time.
func TestTwoApplyAtOnce(t *testing.T) {
	crmtest.Stores(t, func(t *testing.T, store *storage.Store) {
		app := crmtest.Open(t, store)
		s := crmtest.System(t, app)
		text := customerList("A", 2600)
		p := planned(t, s, "customer", text, "code")
		job := must(s.Exchange.Start(t.Context(), p))(t)
		errs := together(3, func(int) error {
			other, err := crm.Open(t.Context(), store)
			if err != nil {
				return err
			}
			sys, err := other.System("import")
			if err != nil {
				return err
			}
			_, err = sys.Exchange.Apply(t.Context(), job.ID, list(t, text))
			return err
		})
		for _, err := range errs {
			require.NoError(t, err)
		}
		done := must(s.Exchange.Find(t.Context(), job.ID))(t)
		require.Equal(t, exchange.ImportDone, done.State)
		require.Equal(t, counts(2600, 2600, 0, 0, 0, 0), countsOf(done))
		require.Equal(t, int64(2600), sizes(t, app)["customer"])
		require.Equal(t, int64(2600), sizes(t, app)["import_line"])
		requireSound(t, app)
	})
}

// customerList returns a list of n customers.
func customerList(prefix string, n int) string {
	var b strings.Builder
	b.WriteString("code,name,phone\n")
	for i := range n {
		fmt.Fprintf(&b, "%s%d,公司 %d,%d\n", prefix, i, i, 1000+i)
	}
	return b.String()
}

// TestAnotherListIsRefused goes on with a list that is not the one that was begun.
func TestAnotherListIsRefused(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		s, ctx := crmtest.System(t, app), t.Context()
		text := customerList("A", 10)
		job := must(s.Exchange.Start(ctx, planned(t, s, "customer", text, "code")))(t)
		_, err := s.Exchange.Apply(ctx, job.ID, broken{list(t, text), 5})
		require.ErrorIs(t, err, errBroken)
		require.Equal(t, int64(5), must(s.Exchange.Find(ctx, job.ID))(t).Lines)
		for name, other := range map[string]string{
			"a line done is another": strings.Replace(text, "1003", "9999", 1), "shorter": customerList("A", 3), "another header": strings.Replace(text, "phone", "Phone", 1),
		} {
			_, err := s.Exchange.Apply(ctx, job.ID, list(t, other))
			require.ErrorIs(t, err, storage.ErrInvalid, name)
		}
		require.Equal(t, int64(5), sizes(t, app)["customer"])
		job = must(s.Exchange.Apply(ctx, job.ID, list(t, strings.Replace(text, "1007", "9999", 1))))(t)
		require.Equal(t, counts(10, 10, 0, 0, 0, 0), countsOf(job), "what was not done yet may be mended")
	})
}

// TestALargeListAndBack imports a list of several batches twice and takes it back.
func TestALargeListAndBack(t *testing.T) {
	const lines = 2_600
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		s, ctx := crmtest.System(t, app), t.Context()
		text := customerList("A", lines)
		p := planned(t, s, "customer", text, "code")
		dry, problems := checked(t, s, p, text)
		require.Equal(t, counts(lines, lines, 0, 0, 0, 0), dry)
		require.Empty(t, problems)
		job, _ := imported(t, s, p, text)
		require.Equal(t, dry, countsOf(job))
		again, _ := imported(t, s, p, text)
		require.Equal(t, counts(lines, 0, 0, lines, 0, 0), countsOf(again))
		undone := must(s.Exchange.Undo(ctx, job.ID))(t)
		require.Equal(t, [2]int64{lines, 0}, [2]int64{undone.Undone, undone.Left})
		require.Zero(t, sizes(t, app)["customer"])
		require.Equal(t, exchange.ImportUndone, must(s.Exchange.Undo(ctx, job.ID))(t).State)
		_, err := s.Exchange.Apply(ctx, job.ID, list(t, text))
		requireCode(t, err, storage.Precondition)
	})
}

// TestOrganisationsMayStandInAnyOrder imports people before those above them.
func TestOrganisationsMayStandInAnyOrder(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		s, ctx := crmtest.System(t, app), t.Context()
		text := "工号,姓名,直接上级\n1,Nancy,2\n2,Andrew,\n3,Janet,Andrew\n4,Margaret,9\n5,Steven,5\n"
		p := planned(t, s, "employee", text, "code")
		require.Equal(t, sheet.Mapping{"code", "name", "manager"}, p.Mapping)
		_, problems := checked(t, s, p, text)
		require.Equal(t, []string{"5 manager reference"}, problems)
		job, errs := imported(t, s, p, text)
		require.Equal(t, counts(5, 5, 0, 0, 0, 0), countsOf(job))
		require.Equal(t, int64(2), job.Unlinked)
		require.Equal(t, "工号,姓名,直接上级,Problem\n4,Margaret,9,直接上级: there is no such employee\n5,Steven,5,直接上级: nobody and nothing can stand above itself\n", errs)
		of := map[string]schema.ID{}
		people := must(s.Admin.Employees.Find(ctx, query.Select{}))(t).Items
		for _, e := range people {
			of[e.Name] = e.ID
		}
		for _, e := range people {
			require.Equal(t, of[map[string]string{"Nancy": "Andrew", "Janet": "Andrew"}[e.Name]], e.ManagerID, e.Name)
		}
		requireSound(t, app)
		again, _ := imported(t, s, p, text)
		require.Equal(t, counts(5, 0, 0, 5, 0, 0), countsOf(again))
		undone := must(s.Exchange.Undo(ctx, job.ID))(t)
		require.Equal(t, [2]int64{7, 0}, [2]int64{undone.Undone, undone.Left})
		require.Zero(t, sizes(t, app)["employee"])
		requireSound(t, app)
	})
}

// TestNobodyStandsBelowThemselves imports customers that would stand below each other.
func TestNobodyStandsBelowThemselves(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		s := crmtest.System(t, app)
		text := "code,name,parent\nA,a,B\nB,b,A\nC,c,A\n"
		job, errs := imported(t, s, planned(t, s, "customer", text, "code"), text)
		require.Equal(t, [2]int64{3, 1}, [2]int64{job.Created, job.Unlinked}, errs)
		require.Contains(t, errs, "B,b,A,parent: a customer can't stand below itself")
		require.Equal(t, one(t, s, "B").ID, one(t, s, "A").ParentID)
		require.Equal(t, one(t, s, "A").ID, one(t, s, "C").ParentID)
	})
}
