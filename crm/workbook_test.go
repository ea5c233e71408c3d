package crm_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/crm/sheet/xlsx"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// workbook writes rows beneath a header as a spreadsheet has them.
func workbook(t *testing.T, columns []sheet.Column, rows ...[]string) []byte {
	t.Helper()
	var file bytes.Buffer
	sink := xlsx.Write(&file, xlsx.Format{Sheet: "客户"})
	require.NoError(t, sink.Header(columns))
	for _, row := range rows {
		require.NoError(t, sink.Write(row))
	}
	require.NoError(t, sink.Close())
	return file.Bytes()
}

func openBook(t *testing.T, file []byte) sheet.Source {
	t.Helper()
	src := must(xlsx.Read(bytes.NewReader(file), xlsx.Options{}))(t)
	t.Cleanup(func() { require.NoError(t, src.Close()) })
	return src
}

// bookRows returns what stands beneath the header.
func bookRows(t *testing.T, file []byte) (rows [][]string) {
	t.Helper()
	for line, err := range openBook(t, file).Lines() {
		require.NoError(t, err)
		require.NoError(t, line.Err)
		rows = append(rows, line.Cells)
	}
	return rows
}

// TestWorkbooks takes a workbook in through a dry run and its error list, which is a
// workbook as well, and writes one that changes nothing when it comes in again.
func TestWorkbooks(t *testing.T) {
	columns := []sheet.Column{{Name: "客户编码"}, {Name: "客户名称"}, {Name: "电话"}, {Name: "生日", Kind: sheet.Date}, {Name: "员工人数", Kind: sheet.Number}, {Name: "年营业额", Kind: sheet.Number}, {Name: "邮编"}}
	book := workbook(t, columns,
		[]string{"007", "华为技术有限公司", "0755 28780808", "1987-09-15", "12", "1234567.89", "010020"},
		[]string{"0008", "𠮷野家", "013800138000", "", "", "-0.5", ""},
		[]string{"0009", "=1+1", "", "soon", "many", "", ""},
		[]string{"", "Nobody's", "", "", "", "", ""})
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		s, ctx := crmtest.System(t, app), t.Context()
		imports := func(file []byte, mapping sheet.Mapping) *exchange.Import {
			src := openBook(t, file)
			p := exchange.Plan{Target: "customer", Columns: src.Header(), Mapping: mapping, Key: "code"}
			dry := must(s.Exchange.Check(ctx, p, openBook(t, file), nil))(t)
			job := must(s.Exchange.Start(ctx, p))(t)
			job = must(s.Exchange.Apply(ctx, job.ID, src))(t)
			require.Equal(t, counts(dry.Lines, dry.Created, dry.Updated, dry.Unchanged, dry.Skipped, dry.Refused), countsOf(job))
			return job
		}
		mapping, _, err := s.Exchange.Suggest(ctx, "customer", openBook(t, book).Header())
		require.NoError(t, err)
		require.Equal(t, sheet.Mapping{"code", "name", "phone", "birthday", "employees", "annual_revenue", "address.postcode"}, mapping)
		job := imports(book, mapping)
		require.Equal(t, counts(4, 2, 0, 0, 0, 2), countsOf(job))
		c := one(t, s, "007")
		require.Equal(t, []any{"华为技术有限公司", "0755 28780808", schema.NewDate(1987, 9, 15), int64(12), "1234567.89"},
			[]any{c.Name, c.Phone, c.Birthday, *c.Employees, c.AnnualRevenue.Decimal.String()})
		require.Equal(t, "010020", all(t, s.Tenant(), customer.Addresses)[0].Postcode)
		require.Equal(t, "013800138000", one(t, s, "0008").Phone)

		var wrong bytes.Buffer
		sink := xlsx.Write(&wrong, xlsx.Format{})
		require.NoError(t, s.Exchange.WriteRefused(ctx, job.ID, sink))
		require.NoError(t, sink.Close())
		refused := bookRows(t, wrong.Bytes())
		require.Len(t, refused, 2)
		require.Equal(t, []string{"0009", "=1+1", "", "soon", "many", "", ""}, refused[0][:7])
		require.Equal(t, "客户编码: the key is missing", refused[1][7])
		refused[0][3], refused[0][4], refused[1][0] = "2020-02-29", "3", "0010"
		mended := workbook(t, append(columns, sheet.Column{Name: exchange.ProblemColumn}), refused...)
		require.Equal(t, counts(2, 2, 0, 0, 0, 0), countsOf(imports(mended, append(mapping, ""))))
		require.Equal(t, []any{"=1+1", schema.NewDate(2020, 2, 29)}, []any{one(t, s, "0009").Name, one(t, s, "0009").Birthday})

		var out bytes.Buffer
		sink = xlsx.Write(&out, xlsx.Format{})
		fields := []string{"code", "name", "phone", "birthday", "employees", "annual_revenue"}
		require.Equal(t, int64(4), must(s.Exchange.Export(ctx, exchange.Export{Kind: "customer", Fields: fields, Query: query.Select{Sort: query.By("code")}, Language: "zh"}, sink))(t))
		require.NoError(t, sink.Close())
		require.Equal(t, [][]string{
			{"0008", "𠮷野家", "013800138000", "", "", "-0.5"},
			{"0009", "=1+1", "", "2020-02-29", "3", ""},
			{"0010", "Nobody's", "", "", "", ""},
			{"007", "华为技术有限公司", "0755 28780808", "1987-09-15", "12", "1234567.89"},
		}, bookRows(t, out.Bytes()))
		require.Equal(t, counts(4, 0, 0, 4, 0, 0), countsOf(imports(out.Bytes(), sheet.Mapping(fields))))
		requireSound(t, app)
	})
}
