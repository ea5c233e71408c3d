package document_test

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/document"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
)

// A contract about a customer, in two revisions.
func Example() {
	ctx := context.Background()
	app, err := crm.Open(ctx, memory.Open())
	if err != nil {
		fmt.Println(err)
		return
	}
	s, _ := app.System("example")
	c, _ := s.Customers.Create(ctx, &customer.Customer{Name: "North River Press"})
	d, _ := s.Documents.Add(ctx, &document.Document{Title: "Framework contract", SubjectKind: "customer", SubjectID: c.ID},
		document.Upload{Content: strings.NewReader("draft"), FileName: "contract.txt", MediaType: "text/plain"})
	d, _ = s.Documents.Revise(ctx, d.ID, d.Version,
		document.Upload{Content: strings.NewReader("as signed"), FileName: "contract.txt", MediaType: "text/plain", Note: "both signatures"})

	page, _ := s.Documents.About(ctx, record.Ref{Kind: "customer", ID: c.ID}, query.Select{})
	for _, found := range page.Items {
		fmt.Println(found.Title, found.Revision, found.FileName, found.Size)
	}
	for number := int64(1); number <= d.Revision; number++ {
		content, _ := s.Documents.Open(ctx, d.ID, number)
		text, err := io.ReadAll(content)
		fmt.Println(content.Revision.Number, string(text), err, content.Close())
	}
	// Output:
	// Framework contract 2 contract.txt 9
	// 1 draft <nil> <nil>
	// 2 as signed <nil> <nil>
}
