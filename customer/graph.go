package customer

import (
	"context"
	"strconv"
	"strings"

	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Graph is who is at a customer and how they stand to each other and to others
// (联系人关系图).
type Graph struct {
	// Nodes begin with the customer and its contacts, the oldest first; then come the
	// other ends of edges.
	Nodes []Node
	Edges []Edge
	// Truncated says that there are more contacts or relations than MaxGraph.
	Truncated bool
}

// MaxGraph is the number of contacts, and of relations from and to a customer each, that
// a Graph shows at most.
const MaxGraph = 200

// Node is a customer or a contact in a Graph.
type Node struct {
	Ref  record.Ref
	Name string
	// Customer is the customer of a contact, or the node itself.
	Customer schema.ID
	// Contact is set for a contact.
	Contact *Contact
}

// Edge is a relation in a Graph; From and To stand for nodes that are there.
type Edge struct {
	From, To record.Ref
	Relation Relation
}

// RelationGraph returns the graph around a customer: its contacts, and the relations from
// and to it and them. What the actor may not read is left out, and so is every edge that
// leads there.
func (m Module) RelationGraph(ctx context.Context, customer schema.ID) (*Graph, error) {
	c, err := m.Get(ctx, customer)
	if err != nil {
		return nil, err
	}
	g := &Graph{}
	g.customer(c)
	people, err := m.Contacts.Find(ctx, query.Select{Where: query.Eq("customer_id", customer), Sort: query.By("created_at"), Limit: MaxGraph})
	if err != nil {
		return nil, err
	}
	for i := range people.Items {
		g.contact(&people.Items[i])
	}
	out, err := m.Relations.Find(ctx, query.Select{Where: query.Eq("customer_id", customer), Sort: query.By("created_at"), Limit: MaxGraph})
	if err != nil {
		return nil, err
	}
	in, err := m.Relations.Find(ctx, query.Select{Where: query.All(query.Eq("to_customer_id", customer), query.Ne("customer_id", customer)),
		Sort: query.By("created_at"), Limit: MaxGraph})
	if err != nil {
		return nil, err
	}
	g.Truncated = people.Next != "" || out.Next != "" || in.Next != ""
	return g, g.connect(ctx, m, append(out.Items, in.Items...))
}

func (g *Graph) customer(c *Customer) {
	g.Nodes = append(g.Nodes, Node{Ref: record.Ref{Kind: Customers.Name(), ID: c.ID}, Name: c.Name, Customer: c.ID})
}

func (g *Graph) contact(c *Contact) {
	g.Nodes = append(g.Nodes, Node{Ref: record.Ref{Kind: Contacts.Name(), ID: c.ID}, Name: c.Name, Customer: c.CustomerID, Contact: c})
}

// connect adds relations, with those of their ends that are missing and can be read.
func (g *Graph) connect(ctx context.Context, m Module, list []Relation) error {
	there := map[schema.ID]record.Ref{}
	for _, n := range g.Nodes {
		there[n.Ref.ID] = n.Ref
	}
	var customers, contacts []schema.ID
	for i := range list {
		for _, e := range list[i].ends() {
			if _, known := there[e.customer]; !known {
				customers = append(customers, e.customer)
			}
			if _, known := there[e.contact]; !known && !e.contact.IsZero() {
				contacts = append(contacts, e.contact)
			}
		}
	}
	if err := eachByID(ctx, m.Collection, customers, g.customer); err != nil {
		return err
	}
	if err := eachByID(ctx, m.Contacts, contacts, g.contact); err != nil {
		return err
	}
	for _, n := range g.Nodes {
		there[n.Ref.ID] = n.Ref
	}
	for _, r := range list {
		from, to := r.ends()[0].id(), r.ends()[1].id()
		if !there[from].IsZero() && !there[to].IsZero() {
			g.Edges = append(g.Edges, Edge{there[from], there[to], r})
		}
	}
	return nil
}

// DOT returns the graph for Graphviz: a frame for each customer with its contacts in it,
// the primary one with a thick line, who supports us green and who opposes us red; an
// arrow for each relation, the thicker the stronger.
func (g *Graph) DOT() string {
	drawn := map[schema.ID]bool{} // customers that are ends themselves
	for _, e := range g.Edges {
		drawn[e.From.ID], drawn[e.To.ID] = true, true
	}
	people := map[schema.ID][]Node{}
	for _, n := range g.Nodes {
		if n.Contact != nil {
			people[n.Customer] = append(people[n.Customer], n)
		}
	}
	var d dot
	for _, n := range g.Nodes {
		if n.Contact != nil {
			continue
		}
		d.group(n.Name, func() {
			if drawn[n.Ref.ID] || len(people[n.Ref.ID]) == 0 {
				d.node(n.Ref.ID.String(), []string{n.Name})
			}
			for _, person := range people[n.Ref.ID] {
				d.node(person.Ref.ID.String(), person.lines(), person.style()...)
			}
		})
	}
	for _, e := range g.Edges {
		d.edge(e.From.ID.String(), e.To.ID.String(), e.lines(), e.style()...)
	}
	name := ""
	if len(g.Nodes) > 0 {
		name = g.Nodes[0].Name
	}
	return d.String(name)
}

// lines are what is written on a contact.
func (n Node) lines() []string {
	lines := []string{n.Name}
	if n.Contact.Title != "" {
		lines = append(lines, n.Contact.Title)
	}
	if n.Contact.Role != "" {
		lines = append(lines, strings.ReplaceAll(string(n.Contact.Role), "_", " "))
	}
	if n.Contact.Influence != nil {
		lines = append(lines, "influence "+strconv.FormatInt(*n.Contact.Influence, 10))
	}
	return lines
}

func (n Node) style() []string {
	style := []string{"shape=ellipse"}
	if n.Contact.Primary {
		style = append(style, "penwidth=3")
	}
	switch n.Contact.Attitude {
	case Supportive:
		style = append(style, "color=green4")
	case Opposed:
		style = append(style, "color=red3")
	}
	return style
}

func (e Edge) lines() []string { return []string{strings.ReplaceAll(e.Relation.Kind, "_", " ")} }

func (e Edge) style() []string {
	var style []string
	if mutual(e.Relation.Kind) {
		style = append(style, "dir=none")
	}
	if e.Relation.Strength != nil {
		style = append(style, "penwidth="+strconv.FormatInt(1+*e.Relation.Strength/25, 10))
	}
	return style
}
