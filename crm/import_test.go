package crm_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// list reads a CSV file.
func list(t *testing.T, text string) sheet.Source {
	t.Helper()
	return must(sheet.ReadCSV(strings.NewReader(text), sheet.CSVOptions{Options: sheet.Options{File: "list.csv"}}))(t)
}

// planned is a plan of customers for a list, with the mapping that is suggested.
func planned(t *testing.T, s *crm.Session, target, text, key string) exchange.Plan {
	t.Helper()
	header := list(t, text).Header()
	mapping, _, err := s.Exchange.Suggest(t.Context(), target, header)
	require.NoError(t, err)
	return exchange.Plan{Target: target, Name: "list.csv", Columns: header, Mapping: mapping, Key: key}
}

// imported applies a list and returns the job and its error list.
func imported(t *testing.T, s *crm.Session, p exchange.Plan, text string) (*exchange.Import, string) {
	t.Helper()
	job := must(s.Exchange.Start(t.Context(), p))(t)
	job = must(s.Exchange.Apply(t.Context(), job.ID, list(t, text)))(t)
	require.Equal(t, exchange.ImportDone, job.State)
	require.Equal(t, job.Lines, job.Created+job.Updated+job.Unchanged+job.Skipped+job.Refused)
	return job, refused(t, s, job.ID)
}

// refused returns the error list of a job.
func refused(t *testing.T, s *crm.Session, job schema.ID) string {
	t.Helper()
	var file strings.Builder
	sink := sheet.WriteCSV(&file, sheet.CSVFormat{Plain: true})
	require.NoError(t, s.Exchange.WriteRefused(t.Context(), job, sink))
	require.NoError(t, sink.Close())
	return strings.ReplaceAll(file.String(), "\r\n", "\n")
}

// counts are those of a job or a report, in the order of the fields.
func counts(lines, created, updated, unchanged, skipped, refused int64) [6]int64 {
	return [6]int64{lines, created, updated, unchanged, skipped, refused}
}

func countsOf(job *exchange.Import) [6]int64 {
	return counts(job.Lines, job.Created, job.Updated, job.Unchanged, job.Skipped, job.Refused)
}

// checked is a dry run: its counts and its problems.
func checked(t *testing.T, s *crm.Session, p exchange.Plan, text string) ([6]int64, []string) {
	t.Helper()
	var problems []string
	r := must(s.Exchange.Check(t.Context(), p, list(t, text), func(p exchange.Problem) error {
		problems = append(problems, fmt.Sprintf("%d %s %s", p.Line, p.Field, p.Code))
		return nil
	}))(t)
	return counts(r.Lines, r.Created, r.Updated, r.Unchanged, r.Skipped, r.Refused), problems
}

const fair = `客户名称(必填),客户编码,行业,联系人,手机,详细地址,负责人
华为技术有限公司,C1,通信,王小明,13800138000,坂田华为基地,Alice
Müller GmbH,C2,printing,,,"Invalidenstraße 44
Berlin",
,C3,,Li,,,
Acme,C4,baking,,,,Nobody
=HYPERLINK(0),C5,,,,,
`

func fairFirm(t *testing.T, app *crm.App) *firm {
	t.Helper()
	w := newFirm(t, app)
	for code, label := range map[string]settings.Label{"telecom": {EN: "Telecom", ZH: "通信"}, "printing": {EN: "Printing", ZH: "印刷"}} {
		must(crmtest.System(t, app).Admin.Dictionary.Create(t.Context(), &settings.Entry{Dictionary: "customer.industry", Code: code, Label: label}))(t)
	}
	return w
}

// TestImport takes a list with customers, contacts and addresses in through a dry run, its
// error list and a second run, and back out again.
func TestImport(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		w := fairFirm(t, app)
		s, ctx := w.as(t), t.Context()
		p := planned(t, s, "customer", fair, "code")
		require.Equal(t, sheet.Mapping{"name", "code", "industry", "contact.name", "contact.mobile", "address.street", "owner"}, p.Mapping)

		before := dump(t, app)
		dry, problems := checked(t, s, p, fair)
		require.Equal(t, counts(5, 3, 0, 0, 0, 2), dry)
		require.Equal(t, []string{"5 name required", "6 owner reference", "6 industry dictionary"}, problems)
		require.Equal(t, before, dump(t, app), "a dry run writes nothing")

		job, errs := imported(t, s, p, fair)
		require.Equal(t, dry, countsOf(job))
		require.Equal(t, `客户名称(必填),客户编码,行业,联系人,手机,详细地址,负责人,Problem
,C3,,Li,,,,客户名称(必填): name is a required field
Acme,C4,baking,,,,Nobody,负责人: there is no such employee; 行业: dictionary customer.industry has no such entry to choose
`, errs)
		c := one(t, s, "C1")
		require.Equal(t, "华为技术有限公司", c.Name)
		require.Equal(t, "telecom", c.Industry)
		require.Equal(t, w.alice, c.OwnerID)
		contacts := must(s.Customers.Contacts.Find(ctx, query.Select{Where: query.Eq("customer_id", c.ID)}))(t).Items
		require.Len(t, contacts, 1)
		require.Equal(t, "王小明", contacts[0].Name)
		require.True(t, contacts[0].Primary)
		addresses := must(s.Customers.Addresses.Find(ctx, query.Select{Where: query.Eq("customer_id", one(t, s, "C2").ID)}))(t).Items
		require.Equal(t, "Invalidenstraße 44\nBerlin", addresses[0].Street)
		require.Equal(t, customer.Office, addresses[0].Kind)
		require.Equal(t, "=HYPERLINK(0)", one(t, s, "C5").Name)

		again, _ := imported(t, s, p, fair)
		require.Equal(t, counts(5, 0, 0, 3, 0, 2), countsOf(again), "the same list twice makes no second copy")

		mended := strings.NewReplacer("\n,C3", "\nNew,C3", "baking", "印刷", "Nobody", "Boss").Replace(errs)
		require.Contains(t, mended, "Problem")
		q := planned(t, s, "customer", mended, "code")
		require.Empty(t, q.Mapping[len(q.Mapping)-1])
		fixed, rest := imported(t, s, q, mended)
		require.Equal(t, counts(2, 2, 0, 0, 0, 0), countsOf(fixed), rest)
		require.Equal(t, w.boss, must(crmtest.System(t, app).Customers.Find(ctx, query.Select{Where: query.Eq("code", "C4")}))(t).Items[0].OwnerID)
		requireSound(t, app)

		changed := strings.NewReplacer("华为技术有限公司", "华为", "13800138000", "13900139000", "王小明", "王小明").Replace(fair)
		update, _ := imported(t, s, p, changed)
		require.Equal(t, counts(5, 0, 1, 3, 0, 1), countsOf(update), "C3 is there now")
		require.Equal(t, "华为", one(t, s, "C1").Name)
		back := must(s.Exchange.Undo(ctx, update.ID))(t)
		require.Equal(t, [2]int64{2, 0}, [2]int64{back.Undone, back.Left}, "the customer and the contact")
		require.Equal(t, "华为技术有限公司", one(t, s, "C1").Name)

		must(s.Customers.Edit(ctx, one(t, s, "C5").ID, func(c *customer.Customer) error { c.Phone = "1"; return nil }))(t)
		back = must(crmtest.System(t, app).Exchange.Undo(ctx, job.ID))(t)
		require.Equal(t, exchange.ImportUndone, back.State)
		require.Equal(t, [2]int64{3, 3}, [2]int64{back.Undone, back.Left}, "C2 and both addresses; C1 and its contact were changed and changed back, C5 was changed")
		requireSound(t, app)
	})
}

// one returns the customer of a code.
func one(t *testing.T, s *crm.Session, code string) *customer.Customer {
	t.Helper()
	page := must(s.Customers.Find(context.Background(), query.Select{Where: query.Eq("code", code)}))(t)
	require.Len(t, page.Items, 1, code)
	return &page.Items[0]
}

// TestAHostsKindComesByList brings records of a host's own, which stand in lists by an option.
func TestAHostsKindComesByList(t *testing.T) {
	target := exchange.Of(receipts, settings.Label{EN: "Receipt", ZH: "收据"},
		exchange.Columns(exchange.Column{Field: "note", Label: settings.Label{EN: "Note", ZH: "说明"}}))
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		s := crmtest.System(t, app)
		text := "说明\n第一\n第二\n"
		job, wrong := imported(t, s, planned(t, s, "host_receipt", text, ""), text)
		require.Equal(t, int64(2), job.Created, wrong)
		page := must(session.Of(s.Session, receipts).Find(t.Context(), query.Select{Where: query.Eq("note", "第二")}))(t)
		require.Len(t, page.Items, 1)
	}, crm.WithKinds(receipts.Kind), crm.WithLists(target))
}

// analysed counts how often the statistics are brought up to date.
type analysed struct {
	driver.Backend
	times int
}

func (a *analysed) Beneath() driver.Backend                         { return a.Backend }
func (a *analysed) Around(tx driver.Tx) driver.Tx                   { return tx }
func (a *analysed) Analyze(context.Context, *schema.Registry) error { a.times++; return nil }

// TestTheDatabaseIsToldOfWhatIsImported holds that a long import refreshes the statistics
// when it has stored some thousand records, and a short one, or one in a transaction of
// the host, never.
func TestTheDatabaseIsToldOfWhatIsImported(t *testing.T) {
	lines := func(prefix string, n int) string {
		var b strings.Builder
		b.WriteString("code,name\n")
		for i := range n {
			fmt.Fprintf(&b, "%s%d,%s公司 %d\n", prefix, i, prefix, i)
		}
		return b.String()
	}
	a := &analysed{Backend: memory.Open().Driver()}
	app := crmtest.Open(t, storage.New(a))
	s := crmtest.System(t, app)
	a.times = 0
	for _, c := range []struct{ n, times int }{{900, 0}, {4000, 0}, {4500, 1}} {
		text := lines(fmt.Sprint("A", c.n, "-"), c.n)
		imported(t, s, planned(t, s, "customer", text, "code"), text)
		require.Equal(t, c.times, a.times, c.n)
		a.times = 0
	}
	text := lines("T", 1500)
	require.NoError(t, s.Tx(t.Context(), func(ctx context.Context, s *crm.Session) error {
		job := must(s.Exchange.Start(ctx, planned(t, s, "customer", text, "code")))(t)
		_, err := s.Exchange.Apply(ctx, job.ID, list(t, text))
		return err
	}))
	require.Zero(t, a.times)
}
