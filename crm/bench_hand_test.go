package crm_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search"
	"github.com/kehucrm/kehu/storage/storagetest/byhand"
)

// hand is one person at work in a program that was written by hand for this one
// database: it knows the statement of each thing, for each sort of person, and
// writes the same journal and outbox. PERFORMANCE.md, section 8.5, has the shapes.
type hand struct {
	*place

	who        schema.ID
	department schema.ID
	principals []schema.ID
	reach      reach

	getOne, getInTx, insertOne, changePhone, insertEntry, insertPending *sql.Stmt
	settle                                                              *sql.Stmt // SQLite takes tokens into its index
	firstPage, nextPage, byStatus                                       *sql.Stmt
}

// reach is how far a person sees, which decides the shape of a page.
type reach int

const (
	own  reach = iota // what they own themselves
	team              // and what a small part of the company owns
	wide              // and what more than a twentieth of it owns
)

const (
	customerColumns = `id, version, created_at, updated_at, created_by, updated_by, custom, owner_id, department_id, name, short_name, code,
		parent_id, status, industry, country, phone, annual_revenue, employees, type, standing, trading_since, state_reason, last_contact_on, source, value,
		relation_level, region, importance, email, website, tax_id, given_name, family_name, gender, birthday, hobbies, preferred_channel, language,
		contact_from, contact_until, interests, pool_id, pooled_at, pool_reason, quiet_since, reserved_until, taken_from_id`
	getCustomer    = `SELECT ` + customerColumns + ` FROM {customer} WHERE tenant_id = ? AND id = ?`
	insertCustomer = `INSERT INTO {customer} (tenant_id, ` + customerColumns + `, name_fold, short_name_fold, search_text, search_tokens)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, NULL, NULL, '', ?, NULL, NULL, ?, ?, ?, ?)`
	changePhone   = `UPDATE {customer} SET phone = ?, search_text = ?, search_tokens = ?, version = ?, updated_at = ?, updated_by = ? WHERE tenant_id = ? AND id = ? AND version = ?`
	insertEntry   = `INSERT INTO {journal_entry} (tenant_id, id, at, actor_id, actor, kind, record_id, record_version, subject_id, event, changes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	insertPending = `INSERT INTO {outbox} (tenant_id, id, kind, record_id, version) VALUES (?, ?, ?, ?, ?)`

	// Arguments: ?1 tenant, ?2 person, ?3 now, then the principals, then the
	// position.
	below = `SELECT descendant_id FROM {reach} WHERE tenant_id = ?1 AND ancestor_id = ?2 AND descendant_id IS NOT NULL`
	// opened is for shares of what follows.
	opened   = `tenant_id = ?1 AND level >= 1 AND (expires_at IS NULL OR expires_at > ?3) AND kind = `
	newest   = ` ORDER BY created_at DESC NULLS LAST, id DESC LIMIT 51`
	pageSize = 50
)

func newHand(ctx context.Context, p *place, c *company, who schema.ID, r reach) (*hand, error) {
	dir := c.directory()
	h := &hand{place: p, who: who, department: dir.Employee(who).DepartmentID, principals: dir.Principals(who), reach: r}
	page := h.union
	if r == wide {
		page = h.walk
	}
	insertCustomer, settle := insertCustomer, `SELECT 1`
	if !p.lateral {
		insertCustomer = strings.Replace(insertCustomer, "search_tokens)", "search_tokens, search_no)", 1)
		insertCustomer = strings.TrimSuffix(insertCustomer, ")") + ", (SELECT coalesce(max(search_no), 0) + 1 FROM {customer}))"
		settle = `INSERT INTO "crm_customer_settle" (tenant_id) VALUES ('')`
	}
	for _, s := range []struct {
		to   **sql.Stmt
		pool *sql.DB
		text string
	}{
		{&h.settle, p.write, settle},
		{&h.getOne, p.read, getCustomer}, {&h.getInTx, p.write, getCustomer}, {&h.insertOne, p.write, insertCustomer},
		{&h.changePhone, p.write, changePhone}, {&h.insertEntry, p.write, insertEntry}, {&h.insertPending, p.write, insertPending},
		{&h.firstPage, p.read, page("")}, {&h.nextPage, p.read, page(h.after())}, {&h.byStatus, p.read, h.sums()},
	} {
		var err error
		if *s.to, err = s.pool.PrepareContext(ctx, p.Spell(s.text)); err != nil {
			return nil, fmt.Errorf("%w: %s", err, p.Spell(s.text))
		}
	}
	return h, nil
}

// owner returns the condition on who owns what the person sees.
func (h *hand) owner() string {
	if h.reach == own {
		return `owner_id = ?2`
	}
	return `owner_id IN (` + below + `)`
}

// shared returns the ids of what is shared to the person.
func (h *hand) shared(kind string) string {
	return `SELECT record_id FROM {share} WHERE ` + opened + `'` + kind + `' AND principal_id IN (` + h.anyPrincipal() + `)`
}

// held returns the customers whose opportunities the person sees.
func (h *hand) held() string {
	const of = `SELECT customer_id FROM {opportunity} WHERE tenant_id = ?1 AND `
	return of + h.owner() + ` UNION ` + of + `id IN (` + h.shared("opportunity") + `)`
}

// principal returns the placeholder of the ith principal.
func (*hand) principal(i int) string { return "?" + strconv.Itoa(4+i) }

func (h *hand) anyPrincipal() string {
	list := make([]string, len(h.principals))
	for i := range list {
		list[i] = h.principal(i)
	}
	return strings.Join(list, ", ")
}

// after returns the condition of a position, over the columns created_at and id.
func (h *hand) after() string {
	n := 4 + len(h.principals)
	return fmt.Sprintf(" AND (created_at, id) < (?%d, ?%d)", n, n+1)
}

// owned returns the first keys of what the person or their people own.
func (h *hand) owned(after string) string {
	from := `SELECT created_at, id FROM {customer}` + h.hint("customer_owner_id_created_at_idx") + ` WHERE tenant_id = ?1 AND `
	if h.lateral && h.reach != own {
		return `SELECT t.* FROM (` + below + `) o CROSS JOIN LATERAL (` + from + `owner_id = o.descendant_id` + after + newest + `) t` + newest
	}
	return from + h.owner() + after + newest
}

// union reads the first keys of each way in which a customer is seen, and the
// customers of the first of them all.
func (h *hand) union(after string) string {
	arms := []string{h.owned(after), `SELECT created_at, id FROM {customer} WHERE tenant_id = ?1 AND id IN (` + h.held() + `)` + after + newest}
	shared := func(principal string) string {
		return `SELECT record_created_at, record_id FROM {share} WHERE ` + opened + `'customer' AND principal_id = ` + principal +
			strings.Replace(after, "(created_at, id)", "(record_created_at, record_id)", 1) + ` ORDER BY record_created_at DESC NULLS LAST, record_id DESC LIMIT 51`
	}
	if h.lateral {
		arms = append(arms, `SELECT t.* FROM unnest(ARRAY[`+h.anyPrincipal()+`]::uuid[]) AS p (id) CROSS JOIN LATERAL (`+shared("p.id")+`) t`)
	} else {
		for i := range h.principals {
			arms = append(arms, shared(h.principal(i)))
		}
	}
	for i, arm := range arms {
		arms[i] = `SELECT * FROM (` + arm + `) a` + strconv.Itoa(i)
	}
	return h.fetch(`SELECT created_at, id FROM (` + strings.Join(arms, ` UNION `) + `) u` + newest)
}

// walk reads the keys of the newest customers and keeps those that are seen.
func (h *hand) walk(after string) string {
	return h.fetch(`SELECT w.created_at, w.id FROM (SELECT created_at, id, owner_id FROM {customer}` + h.hint("customer_created_at_idx") +
		` WHERE tenant_id = ?1` + after + ` ORDER BY created_at DESC NULLS LAST, id DESC LIMIT 2000) w
		WHERE EXISTS (SELECT 1 FROM {reach} WHERE tenant_id = ?1 AND ancestor_id = ?2 AND descendant_id = w.owner_id)
		OR EXISTS (SELECT 1 FROM {share} WHERE ` + opened + `'customer' AND record_id = w.id AND principal_id IN (` + h.anyPrincipal() + `))
		OR EXISTS (SELECT 1 FROM {opportunity} WHERE tenant_id = ?1 AND customer_id = w.id AND (` + h.owner() + ` OR id IN (` + h.shared("opportunity") + `)))
		ORDER BY w.created_at DESC NULLS LAST, w.id DESC LIMIT 51`)
}

// fetch reads the customers of keys.
func (*hand) fetch(keys string) string {
	return `SELECT c.` + strings.ReplaceAll(customerColumns, ", ", ", c.") + ` FROM (` + keys + `) k JOIN {customer} c ON c.tenant_id = ?1 AND c.id = k.id
		ORDER BY c.created_at DESC, c.id DESC`
}

// sums counts and adds up what is seen, each customer in the first way that sees it.
func (h *hand) sums() string {
	const columns = `SELECT status, annual_revenue FROM {customer} WHERE tenant_id = ?1 AND `
	return `SELECT status, count(*), sum(annual_revenue) FROM (` + columns + h.owner() +
		` UNION ALL ` + columns + `id IN (` + h.shared("customer") + `) AND NOT ` + h.owner() +
		` UNION ALL ` + columns + `id IN (` + h.held() + `) AND NOT ` + h.owner() + ` AND id NOT IN (` + h.shared("customer") + `)) v GROUP BY status ORDER BY status`
}

// args are the arguments of a reading statement.
func (h *hand) args(after *customer.Customer) []any {
	args := []any{crm.DefaultTenant, h.who.String(), h.Time(time.Now())}
	for _, id := range h.principals {
		args = append(args, id.String())
	}
	if after != nil {
		args = append(args, h.Time(after.CreatedAt), after.ID.String())
	}
	return args
}

func places(c *customer.Customer, custom *sql.NullString) []any {
	return []any{(*byhand.ID)(&c.ID), &c.Version, (*byhand.Time)(&c.CreatedAt), (*byhand.Time)(&c.UpdatedAt), (*byhand.ID)(&c.CreatedBy), (*byhand.ID)(&c.UpdatedBy),
		custom, (*byhand.ID)(&c.OwnerID), (*byhand.ID)(&c.DepartmentID), &c.Name, &c.ShortName, &c.Code, (*byhand.ID)(&c.ParentID), &c.Status, &c.Industry,
		&c.Country, &c.Phone, (*byhand.Amount)(&c.AnnualRevenue), &c.Employees, &c.Type, &c.Standing, (*day)(&c.TradingSince), &c.StateReason,
		(*day)(&c.LastContactOn), &c.Source, &c.Value, &c.RelationLevel, &c.Region, &c.Importance, &c.Email, &c.Website, &c.TaxID, &c.GivenName, &c.FamilyName,
		&c.Gender, (*day)(&c.Birthday), &c.Hobbies, &c.PreferredChannel, &c.Language, &c.ContactFrom, &c.ContactUntil, &c.Interests,
		(*byhand.ID)(&c.PoolID), (*moment)(&c.PooledAt), &c.PoolReason, (*day)(&c.QuietSince), (*day)(&c.ReservedUntil), (*byhand.ID)(&c.TakenFromID)}
}

// moment scans a time that may be unknown.
type moment time.Time

// Scan implements sql.Scanner.
func (m *moment) Scan(src any) error {
	if src == nil {
		*m = moment{}
		return nil
	}
	return (*byhand.Time)(m).Scan(src)
}

// day scans a date that may be unknown.
type day schema.Date

// Scan implements sql.Scanner.
func (d *day) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = day{}
	case int64:
		*d = day(schema.DateFromDays(v))
	case time.Time:
		*d = day(schema.DateOf(v))
	default:
		return fmt.Errorf("%T is no date", src)
	}
	return nil
}

func scan(row interface{ Scan(...any) error }, c *customer.Customer) error {
	var custom sql.NullString
	if err := row.Scan(places(c, &custom)...); err != nil || !custom.Valid {
		return err
	}
	return json.Unmarshal([]byte(custom.String), &c.Custom)
}

// page returns a page, after a customer or from the first.
func (h *hand) page(ctx context.Context, after *customer.Customer) ([]customer.Customer, error) {
	stmt := h.firstPage
	if after != nil {
		stmt = h.nextPage
	}
	rows, err := stmt.QueryContext(ctx, h.args(after)...)
	if err != nil {
		return nil, err
	}
	list := make([]customer.Customer, 0, pageSize+1)
	err = byhand.Each(rows, func() error {
		list = append(list, customer.Customer{})
		return scan(rows, &list[len(list)-1])
	})
	return list[:min(len(list), pageSize)], err
}

// statusSum is what the customers of a status amount to.
type statusSum struct {
	Status string
	Count  int64
	Sum    decimal.Decimal
}

func (h *hand) status(ctx context.Context) ([]statusSum, error) {
	rows, err := h.byStatus.QueryContext(ctx, h.args(nil)...)
	if err != nil {
		return nil, err
	}
	var list []statusSum
	err = byhand.Each(rows, func() error {
		list = append(list, statusSum{})
		v := &list[len(list)-1]
		return rows.Scan(&v.Status, &v.Count, (*byhand.Money)(&v.Sum))
	})
	return list, err
}

// field is a changed field in the journal.
type field struct {
	Field string `json:"field"`
	From  any    `json:"from,omitempty"`
	To    any    `json:"to,omitempty"`
}

// create stores a customer of the person's own.
func (h *hand) create(ctx context.Context, c customer.Customer) error {
	c.ID, c.Version, c.CreatedAt, c.CreatedBy = schema.NewID(), 1, time.Now(), h.who
	c.UpdatedAt, c.UpdatedBy, c.OwnerID, c.DepartmentID = c.CreatedAt, h.who, h.who, h.department
	if c.Status == "" {
		c.Status, c.Type, c.Standing = customer.Potential, customer.Direct, customer.Normal
	}
	text := searchText(c)
	return h.inTx(ctx, func(tx *sql.Tx) error {
		_, err := tx.StmtContext(ctx, h.insertOne).ExecContext(ctx, crm.DefaultTenant, byhand.Ref(c.ID), c.Version, h.Time(c.CreatedAt), h.Time(c.UpdatedAt),
			byhand.Ref(c.CreatedBy), byhand.Ref(c.UpdatedBy), nil, byhand.Ref(c.OwnerID), byhand.Ref(c.DepartmentID), c.Name, c.ShortName, c.Code,
			byhand.Ref(c.ParentID), string(c.Status), c.Industry, c.Country, c.Phone, h.Amount(c.AnnualRevenue), byhand.Number(c.Employees), string(c.Type),
			string(c.Standing), c.StateReason, c.Source, c.Value, c.RelationLevel, c.Region, c.Importance, c.Email, c.Website, c.TaxID, c.GivenName, c.FamilyName,
			string(c.Gender), c.Hobbies, string(c.PreferredChannel), c.Language, byhand.Number(c.ContactFrom), byhand.Number(c.ContactUntil), c.Interests, h.Date(schema.DateOf(c.CreatedAt)),
			schema.Fold(c.Name), schema.Fold(c.ShortName), text, search.Tokens(crm.DefaultTenant, text))
		if err == nil {
			err = h.settled(ctx, tx)
		}
		if err != nil {
			return err
		}
		return h.note(ctx, tx, c.ID, 1, "customer.created", []field{
			{"owner_id", nil, c.OwnerID}, {"department_id", nil, c.DepartmentID}, {"name", nil, c.Name}, {"short_name", nil, c.ShortName},
			{"status", nil, c.Status}, {"industry", nil, c.Industry}, {"country", nil, c.Country}, {"phone", nil, c.Phone},
			{"annual_revenue", nil, c.AnnualRevenue}, {"employees", nil, c.Employees}, {"type", nil, c.Type}, {"standing", nil, c.Standing},
			{"quiet_since", nil, schema.DateOf(c.CreatedAt)},
		})
	})
}

func (h *hand) settled(ctx context.Context, tx *sql.Tx) error {
	if h.lateral {
		return nil
	}
	_, err := tx.StmtContext(ctx, h.settle).ExecContext(ctx)
	return err
}

// searchText is what a customer is found by.
func searchText(c customer.Customer) string {
	role := customer.Customers.Search()
	row := make([]any, len(customer.Customers.Columns()))
	for i, value := range []string{c.Name, c.ShortName, c.Code, c.Phone, c.Email} {
		row[role.Fields[i].Field.Position] = value
	}
	return search.Text(role, row)
}

// edit gives a customer another phone.
func (h *hand) edit(ctx context.Context, id schema.ID, phone string) error {
	var c customer.Customer
	if err := scan(h.getOne.QueryRowContext(ctx, crm.DefaultTenant, id.String()), &c); err != nil {
		return err
	}
	changed := c
	changed.Phone = phone
	text := searchText(changed)
	return h.inTx(ctx, func(tx *sql.Tx) error {
		res, err := tx.StmtContext(ctx, h.changePhone).ExecContext(ctx, phone, text, search.Tokens(crm.DefaultTenant, text), c.Version+1, h.Time(time.Now()), h.who.String(), crm.DefaultTenant, id.String(), c.Version)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("somebody else changed %s: %w", id, err)
		}
		if err := h.settled(ctx, tx); err != nil {
			return err
		}
		return h.note(ctx, tx, id, c.Version+1, "customer.updated", []field{{"phone", c.Phone, phone}})
	})
}

// note writes the journal entry and the outbox row of a change of a customer.
func (h *hand) note(ctx context.Context, tx *sql.Tx, id schema.ID, version int64, event string, changes []field) error {
	return h.noteOf(ctx, tx, "customer", id, version, event, changes)
}

// noteOf is note for a record of any kind whose story is its own.
func (h *hand) noteOf(ctx context.Context, tx *sql.Tx, kind string, id schema.ID, version int64, event string, changes []field) error {
	raw, err := json.Marshal(changes)
	if err != nil {
		return err
	}
	entry := schema.NewID().String()
	if _, err := tx.StmtContext(ctx, h.insertEntry).ExecContext(ctx, crm.DefaultTenant, entry, h.Time(time.Now()), h.who.String(), "", kind,
		id.String(), version, id.String(), event, string(raw)); err != nil {
		return err
	}
	_, err = tx.StmtContext(ctx, h.insertPending).ExecContext(ctx, crm.DefaultTenant, entry, kind, id.String(), version)
	return err
}

func (h *hand) inTx(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := h.write.BeginTx(ctx, h.tx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing after the commit
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}
