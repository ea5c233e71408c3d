package customer_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/crmtest"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// render has Graphviz draw a graph, where it is installed. KEHU_DRAW names a folder that
// keeps the picture.
func render(t *testing.T, name, text string) {
	t.Helper()
	program, err := exec.LookPath("dot")
	if err != nil {
		t.Log("Graphviz is not installed: the graph is not drawn")
		return
	}
	folder := os.Getenv("KEHU_DRAW")
	if folder == "" {
		folder = t.TempDir()
	}
	picture := filepath.Join(folder, name+".png")
	cmd := exec.CommandContext(t.Context(), program, "-Tpng", "-o", picture)
	cmd.Stdin = bytes.NewBufferString(text)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", out, text)
	require.Empty(t, string(out), text)
}

func relate(t require.TestingT, s *crm.Session, r customer.Relation) *customer.Relation {
	created, err := s.Customers.Relations.Create(context.Background(), &r)
	require.NoError(t, err)
	return created
}

func TestARelationGraph(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		boss := crmtest.Hire(t, app, "Boss", schema.ID{}, schema.ID{})
		owner := crmtest.Hire(t, app, "Owner", boss, schema.ID{})
		s, b := crmtest.As(t, app, owner), crmtest.As(t, app, boss)
		press, err := s.Customers.Create(ctx, &customer.Customer{Name: `北河 "印刷" \n & <Sons>`})
		require.NoError(t, err)
		supplier, secret := newCustomer(t, s, "Paper Mill"), newCustomer(t, b, "Secret")
		person := func(s *crm.Session, of schema.ID, c customer.Contact) *customer.Contact {
			c.CustomerID = of
			created, err := s.Customers.Contacts.Create(ctx, &c)
			require.NoError(t, err)
			return created
		}
		zhang := person(s, press.ID, customer.Contact{Name: "张伟", Title: "总经理", Role: customer.DecisionMaker, Influence: new(int64(90)), Attitude: customer.Supportive})
		li := person(s, press.ID, customer.Contact{Name: "Li\tNa", Role: customer.Blocker, Attitude: customer.Opposed})
		miller := person(s, supplier.ID, customer.Contact{Name: "Miller"})
		spy := person(b, secret.ID, customer.Contact{Name: "Spy"})
		relate(t, s, customer.Relation{CustomerID: press.ID, FromContactID: li.ID, ToCustomerID: press.ID, ToContactID: zhang.ID, Kind: customer.ReportsTo, Strength: new(int64(90))})
		relate(t, s, customer.Relation{CustomerID: press.ID, FromContactID: zhang.ID, ToCustomerID: supplier.ID, ToContactID: miller.ID, Kind: customer.FormerColleague})
		relate(t, s, customer.Relation{CustomerID: supplier.ID, ToCustomerID: press.ID, Kind: customer.SuppliesTo})
		relate(t, b, customer.Relation{CustomerID: secret.ID, FromContactID: spy.ID, ToCustomerID: press.ID, ToContactID: li.ID, Kind: customer.Friend})
		relate(t, b, customer.Relation{CustomerID: press.ID, ToCustomerID: secret.ID, Kind: customer.Referred})

		names := func(g *customer.Graph) (nodes []string) {
			for _, n := range g.Nodes {
				nodes = append(nodes, n.Name)
			}
			return nodes
		}
		mine, err := s.Customers.RelationGraph(ctx, press.ID)
		require.NoError(t, err)
		require.ElementsMatch(t, []string{press.Name, "张伟", "Li\tNa", "Paper Mill", "Miller"}, names(mine), "nothing of what is hidden")
		require.Len(t, mine.Edges, 3)
		require.NotContains(t, mine.DOT(), "Secret")
		require.Equal(t, press.ID, mine.Nodes[0].Ref.ID)
		all, err := b.Customers.RelationGraph(ctx, press.ID)
		require.NoError(t, err)
		require.Contains(t, names(all), "Spy")
		require.Len(t, all.Edges, 5)
		_, err = s.Customers.RelationGraph(ctx, secret.ID)
		require.ErrorIs(t, err, storage.ErrNotFound)

		text := mine.DOT()
		for _, part := range []string{`label="北河 \"印刷\" \\n &amp; <Sons>"`, `label="张伟\n总经理\ndecision maker\ninfluence 90", shape=ellipse, penwidth=3, color=green4`,
			`label="Li Na\nblocker"`, `[label="reports to", penwidth=4]`, `[label="former colleague", dir=none]`} {
			require.Contains(t, text, part)
		}
		render(t, "relations", all.DOT())
	})
}

func TestAGraphIsBounded(t *testing.T) {
	s := crmtest.System(t, crmtest.Open(t, memory.Open()))
	c := newCustomer(t, s, "Acme")
	many := make([]*customer.Contact, customer.MaxGraph+1)
	for i := range many {
		many[i] = &customer.Contact{CustomerID: c.ID, Name: fmt.Sprint("Contact ", i)}
	}
	people, err := s.Customers.Contacts.CreateMany(t.Context(), "", many...)
	require.NoError(t, err)
	g, err := s.Customers.RelationGraph(t.Context(), c.ID)
	require.NoError(t, err)
	require.True(t, g.Truncated)
	require.Len(t, g.Nodes, customer.MaxGraph+1)
	last := people[customer.MaxGraph]
	relate(t, s, customer.Relation{CustomerID: c.ID, FromContactID: last.ID, ToCustomerID: c.ID, Kind: customer.Influences})
	g, err = s.Customers.RelationGraph(t.Context(), c.ID)
	require.NoError(t, err)
	require.Len(t, g.Edges, 1, "the ends of an edge that is shown are there")
	require.Len(t, g.Nodes, customer.MaxGraph+2)

	require.Contains(t, (&customer.Graph{}).DOT(), "digraph")
}

func TestTheEndsOfARelation(t *testing.T) {
	crmtest.Apps(t, func(t *testing.T, app *crm.App) {
		ctx := t.Context()
		owner, other := crmtest.Hire(t, app, "Owner", schema.ID{}, schema.ID{}), crmtest.Hire(t, app, "Other", schema.ID{}, schema.ID{})
		s, o := crmtest.As(t, app, owner), crmtest.As(t, app, other)
		c, d, hidden := newCustomer(t, s, "C"), newCustomer(t, s, "D"), newCustomer(t, o, "Hidden")
		zhang, li, spy := newContact(t, s, c.ID, "Zhang"), newContact(t, s, d.ID, "Li"), newContact(t, o, hidden.ID, "Spy")
		whole := customer.Relation{CustomerID: c.ID, FromContactID: zhang.ID, ToCustomerID: d.ID, ToContactID: li.ID, Kind: customer.Family}
		for name, change := range map[string]func(r *customer.Relation){
			"another's contact":    func(r *customer.Relation) { r.FromContactID = li.ID },
			"to another's contact": func(r *customer.Relation) { r.ToContactID = zhang.ID },
			"to nowhere":           func(r *customer.Relation) { r.ToCustomerID, r.ToContactID = schema.NameID("x"), schema.ID{} },
			"to nobody":            func(r *customer.Relation) { r.ToContactID = schema.NameID("x") },
			"to what is hidden":    func(r *customer.Relation) { r.ToCustomerID, r.ToContactID = hidden.ID, schema.ID{} },
			"to who is hidden":     func(r *customer.Relation) { r.ToCustomerID, r.ToContactID = hidden.ID, spy.ID },
			"to oneself":           func(r *customer.Relation) { r.ToCustomerID, r.ToContactID = c.ID, zhang.ID },
			"no kind":              func(r *customer.Relation) { r.Kind = "" },
			"too strong":           func(r *customer.Relation) { r.Strength = new(int64(101)) },
			"broken text":          func(r *customer.Relation) { r.Note = "\xff" },
			"broken kind":          func(r *customer.Relation) { r.Kind = "a\x00" },
		} {
			broken := whole
			change(&broken)
			_, err := s.Customers.Relations.Create(ctx, &broken)
			require.ErrorIs(t, err, storage.ErrInvalid, name)
		}
		r := relate(t, s, whole)
		for name, twin := range map[string]customer.Relation{
			"again":     whole,
			"backwards": {CustomerID: d.ID, FromContactID: li.ID, ToCustomerID: c.ID, ToContactID: zhang.ID, Kind: customer.Family},
		} {
			_, err := s.Customers.Relations.Create(ctx, &twin)
			require.ErrorIs(t, err, storage.ErrExists, name)
		}
		whole.Kind = customer.Referred
		relate(t, s, whole)
		relate(t, s, customer.Relation{CustomerID: d.ID, FromContactID: li.ID, ToCustomerID: c.ID, ToContactID: zhang.ID, Kind: customer.Referred})

		_, err := s.Customers.Relations.Edit(ctx, r.ID, func(r *customer.Relation) error { r.Note, r.Strength = "cousins", new(int64(40)); return nil })
		require.NoError(t, err)
		for name, change := range map[string]func(r *customer.Relation){
			"from": func(r *customer.Relation) { r.FromContactID = schema.ID{} }, "to": func(r *customer.Relation) { r.ToContactID = schema.ID{} },
			"kind": func(r *customer.Relation) { r.Kind = customer.Friend }, "ends": func(r *customer.Relation) { r.Ends = "x" },
		} {
			_, err := s.Customers.Relations.Edit(ctx, r.ID, func(r *customer.Relation) error { change(r); return nil })
			require.ErrorIs(t, err, storage.ErrPrecondition, name)
		}
		require.ErrorIs(t, s.Customers.Contacts.Delete(ctx, zhang.ID, 0), storage.ErrReferenced)
		page, err := s.Customers.Contacts.Find(ctx, query.Select{Where: query.Has("relations", query.Eq("kind", customer.Referred))})
		require.NoError(t, err)
		require.Len(t, page.Items, 2, "who has brought somebody to us")
		require.NoError(t, s.Customers.Relations.Delete(ctx, r.ID, 0))
	})
}
