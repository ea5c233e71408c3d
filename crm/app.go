package crm

import (
	"context"

	"github.com/kehucrm/kehu/analytics"
	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/crm/catalog"
	"github.com/kehucrm/kehu/crm/document"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/overview"
	"github.com/kehucrm/kehu/crm/privacy"
	"github.com/kehucrm/kehu/crm/record"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// App is an opened CRM for one tenant. It is safe for concurrent use.
type App struct {
	core   *session.Core
	tenant string
	ports  ports
}

// ports are what the host gave for what is not kept in the store.
type ports struct {
	blobs     document.BlobStore
	customers customer.Options
	privacy   privacy.Rules
	sections  []overview.Provider
	// lists are what lists may bring; made once, by Open.
	lists []exchange.Target
}

// Tenant returns the same application for another tenant. The name is checked when
// a session is made.
func (a *App) Tenant(name string) *App { return &App{a.core, name, a.ports} }

// In returns the application within a transaction that the host began: everything
// its sessions read and write goes through that transaction, which the host alone
// commits or rolls back. Nothing is repeated there, and Committed hooks do not run.
func (a *App) In(h *storage.HostTx) (*App, error) {
	core, err := a.core.In(h)
	if err != nil {
		return nil, err
	}
	return &App{core, a.tenant, a.ports}, nil
}

// As returns a session in which an employee acts. It is Forbidden for who is not an
// active employee now.
func (a *App) As(ctx context.Context, employee schema.ID) (*Session, error) {
	return a.bind(a.core.As(ctx, a.tenant, employee))
}

// AsExternal is As for the employee whose HostUser is the host's user id.
func (a *App) AsExternal(ctx context.Context, hostUser string) (*Session, error) {
	return a.bind(a.core.AsHostUser(ctx, a.tenant, hostUser))
}

// System returns a session in which the program itself acts: for first set-up,
// imports and jobs. It may do everything, and the journal names the job.
func (a *App) System(job string) (*Session, error) { return a.bind(a.core.System(a.tenant, job)) }

// Relay gives what waits in the tenant's outbox to the publisher; see journal.Relay.
func (a *App) Relay(ctx context.Context, p journal.Publisher) (int, error) {
	t, err := a.core.DB().Tenant(a.tenant)
	if err != nil {
		return 0, err
	}
	return journal.Relay(ctx, t, p)
}

// Session is one actor with every module. It is cheap to make and for one goroutine
// at a time.
type Session struct {
	*session.Session

	Customers     customer.Module
	Opportunities opportunity.Module
	Products      catalog.Module
	Documents     document.Module
	Analytics     analytics.Module
	Privacy       privacy.Module
	Admin         admin.Module
	Exchange      exchange.Module

	ports ports
}

func (a *App) bind(s *session.Session, err error) (*Session, error) {
	if err != nil {
		return nil, err
	}
	return modules(s, a.ports), nil
}

// modules builds every module on a session.
func modules(s *session.Session, p ports) *Session {
	return &Session{s, customer.New(s, p.customers), opportunity.New(s), catalog.New(s), document.New(s, p.blobs), analytics.New(s), privacy.New(s, p.privacy), admin.New(s), exchange.New(s, p.lists...), p}
}

// Overview returns a record with all that the actor may see around it (360 度视图), such as
// a customer with its contacts, opportunities and documents; see package overview. What
// happened to it is told by Timeline.
func (s *Session) Overview(ctx context.Context, of record.Ref, o overview.Options) (*overview.Overview, error) {
	sections := []overview.Provider{s.ports.documents()}
	if k := s.Registry().Kind(of.Kind); k != nil && k.Owner() != nil {
		sections = append(sections, owners())
	}
	return overview.Read(ctx, s.Session, append(sections, s.ports.sections...), of, o)
}

// owners is the section of how the record changed hands, which whoever may read it may read.
func owners() overview.Provider {
	return overview.Provider{Name: session.OwnerChanges.Name(), Page: func(ctx context.Context, s *session.Session, of record.Ref, q query.Select) ([]any, string, error) {
		page, err := admin.New(s).OwnershipHistory(ctx, of, q)
		return pointers(page.Items), page.Next, err
	}}
}

// pointers returns what points to the items.
func pointers[T any](items []T) []any {
	list := make([]any, len(items))
	for i := range items {
		list[i] = &items[i]
	}
	return list
}

// documents is the section of the documents about a record, which whoever may read that may
// read.
func (p ports) documents() overview.Provider {
	name := document.Documents.Name()
	return overview.Provider{Name: name, Kind: name, Page: func(ctx context.Context, s *session.Session, of record.Ref, q query.Select) ([]any, string, error) {
		q.Sort = query.By("-created_at")
		page, err := document.New(s, p.blobs).About(ctx, of, q)
		return pointers(page.Items), page.Next, err
	}}
}

// Tx runs fn in a transaction, all or none; see session.Session.Tx. The session that
// fn gets has every module bound to the transaction; using another one inside fails
// at once.
func (s *Session) Tx(ctx context.Context, fn func(ctx context.Context, s *Session) error) error {
	return s.Session.Tx(ctx, func(ctx context.Context, inner *session.Session) error {
		return fn(ctx, modules(inner, s.ports))
	})
}
