package crm_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/crm/sheet/vcard"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// someCard draws the card of a person in a company, of a company or of an individual.
func someCard(t *rapid.T, n int) vcard.Card {
	text := func(label string) string {
		return strings.TrimSpace(rapid.StringOfN(rapid.SampledFrom([]rune("aZ9 ,;:\\\"é客户𠮷")), 0, 12, -1).Draw(t, label))
	}
	maybe := func(label string, values ...vcard.Value) []vcard.Value {
		if rapid.Bool().Draw(t, label) {
			return values
		}
		return nil
	}
	card := vcard.Card{FormattedName: fmt.Sprint("Person ", n, text("fn")), URLs: maybe("url", vcard.Value{Value: "https://example.com/" + fmt.Sprint(n)}),
		Phones: append(maybe("desk", vcard.Value{Value: "+86 755 " + fmt.Sprint(n), Types: []string{"work"}}), maybe("fax", vcard.Value{Value: "1", Types: []string{"fax"}})...),
		Emails: maybe("email", vcard.Value{Value: fmt.Sprintf("p%d@example.com", n)})}
	switch rapid.SampledFrom([]string{"company", "person", "individual"}).Draw(t, "of") {
	case "company":
		card.FormattedName = fmt.Sprint("Company ", n, text("organization"))
		card.Organization = card.FormattedName
	case "person":
		card.Organization, card.Title, card.Units = fmt.Sprint("Company ", n, text("organization")), text("title"), []string{"x" + text("unit")}
		card.Phones = append(card.Phones, maybe("mobile", vcard.Value{Value: "138" + fmt.Sprint(n), Types: []string{"cell"}})...)
		fallthrough
	default:
		card.Name.Given, card.Name.Family = text("given"), text("family")
		card.Birthday = rapid.SampledFrom([]string{"", "1970-04-14", "2001-02-03"}).Draw(t, "birthday")
	}
	for i, kind := range []string{"work", "home"} {
		if rapid.Bool().Draw(t, kind) {
			card.Addresses = append(card.Addresses, vcard.Address{Street: "x" + text("street") + "\nfloor", Extended: text("district"), City: text("city"), Region: text("region"),
				Postcode: text("postcode"), Country: text("country"), Types: []string{kind}, Preferred: i == 1})
		}
	}
	return card
}

// TestCardsComeBack imports cards, writes the cards of what they made, and finds that they
// say the same, whatever there was.
func TestCardsComeBack(t *testing.T) {
	app := crmtest.Open(t, memory.Open())
	lines := func(cards string) (list [][]string) {
		for line, err := range customer.ReadCards(strings.NewReader(cards), vcard.Options{}).Lines() {
			require.NoError(t, err)
			require.NoError(t, line.Err)
			list = append(list, line.Cells)
		}
		slices.SortFunc(list, slices.Compare)
		return list
	}
	rapid.Check(t, func(r *rapid.T) {
		ctx, s := t.Context(), crmtest.System(t, app.Tenant(unique()))
		var was, is strings.Builder
		n := rapid.IntRange(1, 4).Draw(r, "cards")
		for i := range n {
			require.NoError(t, vcard.Write(&was, someCard(r, i)))
		}
		src := customer.ReadCards(strings.NewReader(was.String()), vcard.Options{})
		job := must(s.Exchange.Start(ctx, exchange.Plan{Target: "customer", Columns: src.Header(), Mapping: sheet.Mapping(src.Header()), Key: "name"}))(t)
		job = must(s.Exchange.Apply(ctx, job.ID, src))(t)
		require.Equal(t, counts(int64(n), int64(n), 0, 0, 0, 0), countsOf(job), refused(t, s, job.ID))

		must(s.Customers.WriteCards(ctx, query.Select{}, &is))(t)
		var employers []schema.ID // whose cards are their people's
		for _, c := range all(t, s.Tenant(), customer.Contacts) {
			employers = append(employers, c.CustomerID)
		}
		must(s.Customers.WriteCustomerCards(ctx, query.Select{Where: query.Not{Expr: query.In("id", employers...)}}, &is))(t)
		require.Equal(t, lines(was.String()), lines(is.String()))
	})
}
