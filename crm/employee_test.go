package crm_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
)

// TestAnEmployeesPositionPhoneAndMail writes them to a list, and reads that list elsewhere.
func TestAnEmployeesPositionPhoneAndMail(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx, s := t.Context(), crmtest.System(t, app)
		_, err := s.Admin.Employees.Create(ctx, &org.Employee{Name: "n", Email: "nowhere"})
		require.Equal(t, "email", requireCode(t, err, storage.Invalid).Fields[0].Name)
		want := org.Employee{Name: "张伟", Code: "7", Position: "华北区经理", Phone: "+86 10 5550 0100", Email: "zhang@example.com"}
		given := want
		must(s.Admin.Employees.Create(ctx, &given))(t)

		other := crmtest.System(t, app.Tenant("other"))
		for _, language := range []string{"en", "zh"} {
			var file bytes.Buffer
			sink := sheet.WriteCSV(&file, sheet.CSVFormat{})
			fields := []string{"name", "code", "position", "phone", "email"}
			must(s.Exchange.Export(ctx, exchange.Export{Kind: "employee", Fields: fields, Language: language}, sink))(t)
			require.NoError(t, sink.Close())
			text := strings.TrimPrefix(file.String(), "\ufeff")
			imported(t, other, planned(t, other, "employee", text, "code"), text)
			page := must(other.Admin.Employees.Find(ctx, query.Select{}))(t)
			require.Len(t, page.Items, 1)
			e := page.Items[0]
			require.Equal(t, want, org.Employee{Name: e.Name, Code: e.Code, Position: e.Position, Phone: e.Phone, Email: e.Email})
			require.NoError(t, other.Admin.Employees.Delete(ctx, e.ID, 0))
		}
	})
}
