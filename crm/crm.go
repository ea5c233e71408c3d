package crm

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/crm/catalog"
	"github.com/kehucrm/kehu/crm/document"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/journal"
	"github.com/kehucrm/kehu/crm/merge"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/overview"
	"github.com/kehucrm/kehu/crm/privacy"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/opportunity"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// DefaultTenant is the tenant of an App that was not told another.
const DefaultTenant = "main"

// Error is the one type of error that the library returns; errors.Is with the
// sentinels of package storage tells them apart.
type Error = fault.Error

// Step is a migration step; see WithSteps.
type Step = driver.Step

// Kinds returns the kinds of every module, without those of a host.
func Kinds() []*schema.Kind {
	var all []*schema.Kind
	for _, kinds := range [][]*schema.Kind{
		settings.Kinds(), org.Kinds(), journal.Kinds(), session.Kinds(), merge.Kinds(), exchange.Kinds(), privacy.Kinds(), admin.Kinds(), catalog.Kinds(), document.Kinds(), customer.Kinds(), opportunity.Kinds(),
	} {
		all = append(all, kinds...)
	}
	return all
}

// steps are the changes of the library's own schema that can't be derived, one for
// each release at least: a database that has a step which the code does not know is
// newer than the code and is refused.
func steps() []driver.Step {
	return []driver.Step{{Number: 1, Name: "first schema"}}
}

// Option is a wish at Open, Migrate, Plan and Status; give the same ones to all.
type Option func(*options)

type options struct {
	storage storage.Options
	session session.Options
	kinds   []*schema.Kind
	custom  []schema.Extension
	steps   []driver.Step
	ports   ports
}

// WithClock replaces the system's clock.
func WithClock(now func() time.Time) Option { return func(o *options) { o.storage.Now = now } }

// WithIDs replaces the source of ids. They must be new at every call.
func WithIDs(next func() schema.ID) Option { return func(o *options) { o.storage.NewID = next } }

// WithLanguage sets the language of what validation says of fields, and of the names of the
// views that the library has for people (admin.Module.GiveViews); the default is English.
// Other messages are English: a host that shows them in another language goes by the codes
// of the error and of its fields.
func WithLanguage(l session.Language) Option { return func(o *options) { o.session.Language = l } }

// WithLocation sets where the company's days begin and end: what a verb without a business
// date, a number with a date, a limit for each day and "@today" in a view take for today. The
// default is UTC, for which a day in Shanghai begins at eight in the morning. A program that
// runs where there is no database of zones imports time/tzdata.
func WithLocation(l *time.Location) Option { return func(o *options) { o.session.Location = l } }

// WithWeekStart sets the day on which the company's weeks begin, which "@week" in a saved
// view goes by; the default is Monday.
func WithWeekStart(day time.Weekday) Option {
	return func(o *options) { o.session.WeekStart = (int(day) + 6) % 7 }
}

// WithHooks adds hooks; they run after the library's own, in the order given, and before
// those that keep erased persons out.
func WithHooks(hooks ...session.Hook) Option {
	return func(o *options) { o.session.Hooks = append(o.session.Hooks, hooks...) }
}

// WithKinds adds kinds of the host's own. They are kept, migrated, queried and
// permitted like ours; session.Of gives a session's collection of one.
func WithKinds(kinds ...*schema.Kind) Option {
	return func(o *options) { o.kinds = append(o.kinds, kinds...) }
}

// WithCustomFields declares fields that the host adds to a kind of ours.
func WithCustomFields(kind string, fields ...schema.CustomField) Option {
	return func(o *options) { o.custom = append(o.custom, schema.Extension{Kind: kind, Fields: fields}) }
}

// WithSteps adds migration steps of the host's, for its own kinds. Numbers below
// 1,000,000 belong to the library and are refused.
func WithSteps(steps ...driver.Step) Option {
	return func(o *options) { o.steps = append(o.steps, steps...) }
}

// WithMatcher has the program look for duplicate customers: those that a rule blocks are
// refused, and match keys are kept. A program that is given one for the first time, or one
// with another match.Version, calls Customers.RebuildMatchKeys. The default is none.
func WithMatcher(m *match.Matcher) Option {
	return func(o *options) {
		o.ports.customers.Matcher = m
		o.session.Hooks = append(o.session.Hooks, customer.DuplicateHooks(m)...)
	}
}

// WithOwnersTold has Customers.Duplicates name the owner of a customer that whoever asks may
// not read; see customer.Options. The default is to name nobody.
func WithOwnersTold() Option { return func(o *options) { o.ports.customers.TellOwner = true } }

// WithBlobs sets where the bytes of documents are kept; nil and the default are
// document.Database, in the store itself. Keys are the same in every store: to change it,
// move the bytes from one to the other.
func WithBlobs(blobs document.BlobStore) Option { return func(o *options) { o.ports.blobs = blobs } }

// WithLists adds what lists may bring of the host's own kinds.
func WithLists(targets ...exchange.Target) Option {
	return func(o *options) { o.ports.lists = append(o.ports.lists, targets...) }
}

// WithPersons says which records of the host's own kinds are persons, whose data is handed
// out and erased like that of contacts and individuals; see package privacy.
func WithPersons(subjects ...privacy.Subject) Option {
	return func(o *options) { o.ports.privacy.Subjects = append(o.ports.privacy.Subjects, subjects...) }
}

// WithErasureSecret keeps whoever has the database from guessing who was erased: the secret,
// which is kept elsewhere, goes into the keys by which an erased person is known again. With
// another secret, or none, those that are stored know nobody any more.
func WithErasureSecret(secret []byte) Option {
	return func(o *options) { o.ports.privacy.Secret = slices.Clone(secret) }
}

// WithSections adds sections to overviews; see overview.Provider.
func WithSections(sections ...overview.Provider) Option {
	return func(o *options) { o.ports.sections = append(o.ports.sections, sections...) }
}

// WithExemptions adds conditions under which a public pool that names them leaves a customer
// with its owner, besides those of the library: "trading" and "open_opportunity".
func WithExemptions(list ...customer.Exemption) Option {
	return func(o *options) { o.ports.customers.Exempt = append(o.ports.customers.Exempt, list...) }
}

func collect(list []Option) (*options, *schema.Registry, error) {
	o := &options{ports: ports{customers: customer.Options{Exempt: []customer.Exemption{customer.Trades(), opportunity.Exemption()}}}}
	o.ports.privacy.Subjects = customer.Persons()
	for _, option := range list {
		option(o)
	}
	own := slices.Concat(exchange.Hooks(), admin.Hooks(), merge.Hooks(), document.Hooks(), customer.Hooks(o.ports.customers.Exempt...), opportunity.Hooks())
	o.session.Hooks = slices.Concat(own, o.session.Hooks, privacy.Hooks(o.ports.privacy))
	for _, step := range o.steps {
		if step.Number < 1_000_000 {
			return nil, nil, fault.New(fault.Invalid, "migration step %d: numbers below 1000000 belong to the library", step.Number)
		}
	}
	o.steps = append(steps(), o.steps...)
	registry, err := schema.NewRegistry(append(Kinds(), o.kinds...), o.custom...)
	if err != nil {
		return nil, nil, &fault.Error{Code: fault.Invalid, Message: "the kinds do not fit together: " + err.Error(), Err: err}
	}
	return o, registry, nil
}

// Migrate brings the database to what this version of the library and the options
// need. It creates tables, columns and indexes, and never drops or retypes. It may be
// called at every start, from several processes at once, and again after a crash.
func Migrate(ctx context.Context, s *storage.Store, list ...Option) error {
	o, registry, err := collect(list)
	if err != nil {
		return err
	}
	return s.Migrate(ctx, registry, o.steps)
}

// Plan returns what Migrate would do, in order, and does nothing.
func Plan(ctx context.Context, s *storage.Store, list ...Option) ([]driver.Change, error) {
	o, registry, err := collect(list)
	if err != nil {
		return nil, err
	}
	return s.Plan(ctx, registry, o.steps)
}

// Status compares the database with what this version of the library and the options
// need.
func Status(ctx context.Context, s *storage.Store, list ...Option) (driver.Status, error) {
	o, registry, err := collect(list)
	if err != nil {
		return driver.Status{}, err
	}
	return s.Status(ctx, registry, o.steps)
}

// Open returns the application over a store. It returns Precondition when the
// database is older or newer than the code, and says what is missing; a store that
// only joins transactions of its host is not asked.
func Open(ctx context.Context, s *storage.Store, list ...Option) (*App, error) {
	o, registry, err := collect(list)
	if err != nil {
		return nil, err
	}
	if s.Driver().Conn() != nil {
		status, err := s.Status(ctx, registry, o.steps)
		if err != nil {
			return nil, err
		}
		if err := fits(status); err != nil {
			return nil, err
		}
	}
	core, err := session.NewCore(s.Bind(registry, o.storage), o.session)
	if err != nil {
		return nil, err
	}
	o.ports.lists = append(lists(o.ports.customers.Matcher), o.ports.lists...)
	return &App{core: core, tenant: DefaultTenant, ports: o.ports}, nil
}

func fits(s driver.Status) error {
	switch {
	case s.Fits():
		return nil
	case len(s.Unknown) > 0:
		return fault.New(fault.Precondition, "the database is newer than this program: it has %s", some(s.Unknown))
	case len(s.Mismatched) > 0:
		return fault.New(fault.Precondition, "the database does not fit this program: %s", some(s.Mismatched))
	}
	return fault.New(fault.Precondition, "the database is older than this program, call Migrate: it lacks %s", some(s.Missing))
}

// some names the first few of a list that may be long.
func some(list []string) string {
	const few = 5
	if len(list) <= few {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:few], ", "), len(list)-few)
}
