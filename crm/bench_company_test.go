package crm_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/postgres"
	"github.com/kehucrm/kehu/storage/postgres/pgtest"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/sqlite"
	"github.com/kehucrm/kehu/storage/storagetest/byhand"
)

// The benchmarks of this package work in one made-up company: two directors, above
// 95 and 24 managers, each of whom has a team of 20 agents. The agents own the
// customers; one of a hundred is shared to somebody.
const (
	teamSize = 20
	// agentOwns is how many customers the watched agent has, however many there
	// are in all.
	agentOwns = 200
)

var teamsOf = []int{95, 24}

// company is who works there.
type company struct {
	departments []*org.Department
	employees   []*org.Employee
	agents      []*org.Employee
	// Watched are one of each: agent, manager of 20, director of about 2,000, and the other
	// director of about 500.
	agent, manager, director, deputy schema.ID
}

func newCompany() *company {
	c := &company{}
	head := c.found(schema.ID{})
	chief := c.hire(schema.ID{}, head)
	for _, teams := range teamsOf {
		region := c.found(head)
		director := c.hire(chief.ID, region)
		for range teams {
			team := c.found(region)
			manager := c.hire(director.ID, team)
			for range teamSize {
				c.agents = append(c.agents, c.hire(manager.ID, team))
			}
		}
	}
	c.agent, c.manager = c.agents[0].ID, c.agents[0].ManagerID
	c.director = c.employees[1].ID
	for _, e := range c.employees {
		if e.ManagerID == chief.ID {
			c.deputy = e.ID // the last of them
		}
	}
	return c
}

func (c *company) found(parent schema.ID) schema.ID {
	d := &org.Department{Meta: fresh(epoch), Name: fmt.Sprintf("Department %d", len(c.departments)), ParentID: parent}
	c.departments = append(c.departments, d)
	return d.ID
}

func (c *company) hire(manager, department schema.ID) *org.Employee {
	e := &org.Employee{Meta: fresh(epoch), Name: fmt.Sprintf("Employee %d", len(c.employees)), ManagerID: manager, DepartmentID: department}
	c.employees = append(c.employees, e)
	return e
}

// directory is the company as sessions see it.
func (c *company) directory() *org.Directory {
	var departments []org.Department
	for _, d := range c.departments {
		departments = append(departments, *d)
	}
	var employees []org.Employee
	for _, e := range c.employees {
		employees = append(employees, *e)
	}
	return org.NewDirectory(1, org.Records{Employees: employees, Departments: departments})
}

var epoch = time.Date(2025, 1, 1, 8, 0, 0, 0, time.UTC)

func fresh(at time.Time) record.Meta {
	return record.Meta{ID: schema.NewID(), Version: 1, CreatedAt: at, UpdatedAt: at}
}

// load stores the company and n customers, past the verbs, in large batches.
func (c *company) load(ctx context.Context, t *storage.Tenant, n int) error {
	var reaches []*org.Reach
	c.directory().Closure(func(ancestor, descendant schema.ID, depth int64) {
		reaches = append(reaches, &org.Reach{ID: schema.NewID(), AncestorID: ancestor, DescendantID: descendant, Depth: depth})
	})
	err := errors.Join(
		storage.Of(t, org.Departments).Insert(ctx, c.departments...), storage.Of(t, org.Employees).Insert(ctx, c.employees...),
		storage.Of(t, org.Reaches).Insert(ctx, reaches...), storage.Of(t, settings.States).Insert(ctx, &settings.State{ID: settings.StateID(), Version: 1, Organisation: 1, Settings: 1}))
	if err != nil {
		return err
	}
	const batch = 10_000
	g := rand.New(rand.NewPCG(1, 0))
	var customers []*customer.Customer
	var shares []*org.Share
	for i := range n {
		v := c.customer(g, i, n)
		customers = append(customers, v)
		if i%100 == 0 {
			shares = append(shares, c.share(g, v))
		}
		if len(customers) < batch && i < n-1 {
			continue
		}
		if err := errors.Join(storage.Of(t, customer.Customers).Insert(ctx, customers...), storage.Of(t, org.Shares).Insert(ctx, shares...)); err != nil {
			return err
		}
		customers, shares = nil, nil
	}
	return nil
}

// customer makes the ith of n customers.
func (c *company) customer(g *rand.Rand, i, n int) *customer.Customer {
	owner := c.agents[g.IntN(len(c.agents))]
	if i%max(1, n/agentOwns) == 0 {
		owner = c.agents[0]
	}
	status := customer.Potential
	if g.IntN(10) == 0 {
		status = customer.Trading
	}
	staff := g.Int64N(5000)
	name, short := called(g)
	var contacted schema.Date
	if g.IntN(10) < 7 {
		contacted = schema.DateFromDays(20_000 + g.Int64N(500))
	}
	return &customer.Customer{Meta: fresh(epoch.Add(time.Duration(i) * 30 * time.Second)), Owned: record.Owned{OwnerID: owner.ID, DepartmentID: owner.DepartmentID},
		Name: name, ShortName: short, Code: fmt.Sprintf("K%07d", i), LastContactOn: contacted, Email: fmt.Sprintf("%s%d@example.com", pick(g, syllables), i), Status: status, Industry: "printing", Country: "CN",
		Phone: phoneOf(i), AnnualRevenue: decimal.NewNullDecimal(decimal.New(g.Int64N(1e12), -4)), Employees: &staff}
}

func phoneOf(i int) string { return fmt.Sprintf("138%08d", i) }

// share shares a customer to one person or one department; one of five has ended.
func (c *company) share(g *rand.Rand, v *customer.Customer) *org.Share {
	s := &org.Share{Meta: fresh(v.CreatedAt), Kind: "customer", RecordID: v.ID, RecordCreatedAt: v.CreatedAt, Level: org.ReadAccess, Cause: org.ByHand}
	if g.IntN(2) == 0 {
		s.PrincipalID = c.employees[g.IntN(len(c.employees))].ID
	} else {
		s.PrincipalID = c.departments[g.IntN(len(c.departments))].ID
	}
	if g.IntN(5) == 0 {
		s.ExpiresAt = epoch.Add(time.Second)
	}
	return s
}

// place is one database with the company in it.
type place struct {
	byhand.SQL

	app         *crm.App
	store       *storage.Store
	read, write *sql.DB
	tx          *sql.TxOptions
	hint        func(index string) string // forces an index where that can be done
	lateral     bool
}

// database is where a place can be.
type database struct {
	name string
	open func(b *testing.B) func() (*storage.Store, *place)
	// settle are the statements after a large load.
	settle []string
}

var databases = []database{
	{"sqlite", inSQLite, []string{"PRAGMA analysis_limit = 1000", "ANALYZE"}},
	{"postgres", inPostgres, []string{"VACUUM ANALYZE"}},
}

func inSQLite(b *testing.B) func() (*storage.Store, *place) {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bench.db")
	return func() (*storage.Store, *place) {
		store, err := sqlite.Open(b.Context(), path)
		require.NoError(b, err)
		// As sqlite.Open has them; the one that writes can only be one.
		read, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=query_only(1)&_pragma=cache_size(-64000)&_pragma=mmap_size(1073741824)&_pragma=temp_store(MEMORY)")
		require.NoError(b, err)
		read.SetMaxOpenConns(2)
		read.SetMaxIdleConns(2)
		b.Cleanup(func() { require.NoError(b, read.Close()) })
		return store, &place{SQL: byhand.SQL{Prefix: `"crm_`, Scaled: true}, read: read, write: writer(b, store),
			hint: func(index string) string { return ` INDEXED BY "crm_` + index + `"` }}
	}
}

func inPostgres(b *testing.B) func() (*storage.Store, *place) {
	b.Helper()
	dsn := pgtest.DSN(b)
	return func() (*storage.Store, *place) {
		store, err := postgres.Open(b.Context(), dsn)
		require.NoError(b, err)
		db := writer(b, store)
		return store, &place{SQL: byhand.SQL{Prefix: `"crm"."`, Numbered: true}, read: db, write: db, lateral: true,
			tx: &sql.TxOptions{Isolation: sql.LevelRepeatableRead}, hint: func(string) string { return "" }}
	}
}

// writer returns the pool by which the store itself writes.
func writer(b *testing.B, store *storage.Store) *sql.DB {
	b.Helper()
	var db *sql.DB
	require.True(b, store.Driver().Conn().(driver.Unwrapper).As(&db))
	return db
}

// settled returns a place with the company and n customers, opened anew after they
// were stored.
func (d database) settled(ctx context.Context, b *testing.B, c *company, n int) *place {
	b.Helper()
	open := d.open(b)
	store, p := open()
	require.NoError(b, crm.Migrate(ctx, store))
	require.NoError(b, c.load(ctx, p.openApp(ctx, b, store).Tenant(), n))
	for _, text := range d.settle {
		_, err := p.write.ExecContext(ctx, text)
		require.NoError(b, err)
	}
	require.NoError(b, store.Close())
	store, p = open()
	b.Cleanup(func() { require.NoError(b, store.Close()) })
	p.openApp(ctx, b, store)
	return p
}

func (p *place) openApp(ctx context.Context, b *testing.B, store *storage.Store) *crm.Session {
	b.Helper()
	var err error
	p.store = store
	p.app, err = crm.Open(ctx, store)
	require.NoError(b, err)
	system, err := p.app.System("benchmark")
	require.NoError(b, err)
	return system
}

// as returns a session of somebody.
func (p *place) as(ctx context.Context, b *testing.B, who schema.ID) *crm.Session {
	b.Helper()
	s, err := p.app.As(ctx, who)
	require.NoError(b, err)
	return s
}
