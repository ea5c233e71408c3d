package exchange_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/storage/memory"
)

// A list is mapped, tried and applied; what was wrong comes back as a list.
func Example() {
	ctx := context.Background()
	store := memory.Open()
	app, err := crm.Open(ctx, store)
	check(err)
	s, err := app.System("import")
	check(err)

	file := "客户名称,编号,联系人,手机\n华为技术有限公司,C1,王小明,13800138000\n,C2,李娜,\n"
	open := func() sheet.Source {
		list, err := sheet.ReadCSV(strings.NewReader(file), sheet.CSVOptions{})
		check(err)
		return list
	}
	plan := exchange.Plan{Target: "customer", Name: "fair.csv", Columns: open().Header(), Key: "code"}
	plan.Mapping, _, err = s.Exchange.Suggest(ctx, plan.Target, plan.Columns)
	check(err)
	fmt.Println(plan.Mapping)
	_, err = s.Exchange.Check(ctx, plan, open(), func(p exchange.Problem) error {
		fmt.Printf("line %d: %s\n", p.Line, p)
		return nil
	})
	check(err)

	job, err := s.Exchange.Start(ctx, plan)
	check(err)
	job, err = s.Exchange.Apply(ctx, job.ID, open())
	check(err)
	fmt.Println(job.State, job.Created, "created,", job.Refused, "refused")
	check(s.Exchange.WriteRefused(ctx, job.ID, lines{}))
	_, err = s.Exchange.Export(ctx, exchange.Export{Kind: "contact", Fields: []string{"name", "customer", "mobile"}}, lines{})
	check(err)
	// Output:
	// [name code contact.name contact.mobile]
	// line 3: 客户名称: name is a required field
	// done 1 created, 1 refused
	// 客户名称 | 编号 | 联系人 | 手机 | Problem
	//  | C2 | 李娜 |  | 客户名称: name is a required field
	// name | customer | mobile
	// 王小明 | C1 | 13800138000
}

// lines is a sink that prints.
type lines struct{}

func (l lines) Header(columns []sheet.Column) error {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return l.Write(names)
}

func (lines) Write(cells []string) error {
	_, err := fmt.Println(strings.Join(cells, " | "))
	return err
}

func (lines) Close() error { return nil }

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
