package storage_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/memory"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

type account struct {
	ID       schema.ID
	Version  int64
	ParentID schema.ID
	Code     string
	Region   string
	Name     string `crm:",search"`
	Amount   decimal.NullDecimal
	Rank     int64
	Custom   schema.Values
}

type contact struct {
	ID        schema.ID
	AccountID schema.ID
	Name      string
}

type address struct {
	City  string
	Lines []string
}

// everything has a field of every type that can be stored.
type everything struct {
	ID       schema.ID
	Bool     bool
	BoolP    *bool
	Int      int
	Int8     int8
	Uint16   uint16
	Uint32P  *uint32
	Float    float64
	Float32  float32
	FloatP   *float64
	Text     string `crm:",search"`
	TextP    *string
	Stage    stage
	StageP   *stage
	Bytes    []byte
	Time     time.Time
	Date     schema.Date
	Ref      schema.ID
	Dec      decimal.Decimal `crm:",scale=6"`
	DecP     *decimal.Decimal
	DecN     decimal.NullDecimal
	JSON     schema.JSON
	Raw      json.RawMessage
	List     []string       `crm:",json"`
	Map      map[string]int `crm:",json"`
	Address  address        `crm:",json"`
	AddressP *address       `crm:",json"`
	Custom   schema.Values
}

type stage string

var (
	accounts = schema.Define[account]("account", schema.BelongsTo("parent", "account", "parent_id"), schema.HasMany("contacts", "contact", "account"),
		schema.Unique("code"), schema.Unique("region", "rank"))
	contacts = schema.Define[contact]("contact", schema.BelongsTo("account", "account", "account_id"))
	things   = schema.Define[everything]("everything")
	unknown  = schema.Define[struct{ ID schema.ID }]("unknown")
)

var customFields = []schema.CustomField{
	{Name: "colour", Type: schema.TypeText, Max: 20}, {Name: "stars", Type: schema.TypeInt}, {Name: "vip", Type: schema.TypeBool}, {Name: "budget", Type: schema.TypeDecimal, Scale: 2},
	{Name: "due", Type: schema.TypeDate}, {Name: "seen", Type: schema.TypeTime}, {Name: "rival", Type: schema.TypeID},
}

func registry(t testing.TB, extensions ...schema.Extension) *schema.Registry {
	t.Helper()
	if extensions == nil {
		extensions = []schema.Extension{{Kind: "account", Fields: customFields}, {Kind: "everything", Fields: customFields}}
	}
	r, err := schema.NewRegistry([]*schema.Kind{accounts.Kind, contacts.Kind, things.Kind}, extensions...)
	require.NoError(t, err)
	return r
}

// over returns the tenant acme of a store over a backend.
func over(t testing.TB, b driver.Backend) *storage.Tenant {
	t.Helper()
	return tenant(t, storage.New(b).Bind(registry(t), storage.Options{}), "acme")
}

func open(t testing.TB) *storage.Tenant {
	t.Helper()
	return over(t, memory.New())
}

func tenant(t testing.TB, db *storage.DB, name string) *storage.Tenant {
	t.Helper()
	tn, err := db.Tenant(name)
	require.NoError(t, err)
	return tn
}

func num(n int) schema.ID { return schema.ID{13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)} }

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// insert stores accounts with the numbers given as ids and ranks.
func insert(ctx context.Context, tn *storage.Tenant, numbers ...int) error {
	list := make([]*account, len(numbers))
	for i, n := range numbers {
		list[i] = &account{ID: num(n), Version: 1, Rank: int64(n)}
	}
	return storage.Of(tn, accounts).Insert(ctx, list...)
}

func requireCount(t testing.TB, tn *storage.Tenant, want int, why string) {
	t.Helper()
	got := 0
	for _, err := range storage.Of(tn, accounts).All(t.Context(), query.Select{}) {
		require.NoError(t, err)
		got++
	}
	require.Equal(t, want, got, why)
}

func fieldCodes(t testing.TB, err error) map[string]string {
	t.Helper()
	e, ok := errors.AsType[*fault.Error](err)
	require.True(t, ok, "%v", err)
	codes := map[string]string{}
	for _, f := range e.Fields {
		codes[f.Name] = f.Code
	}
	require.Len(t, codes, len(e.Fields), "no field stands twice")
	return codes
}

var errBusy = errors.New("database is locked")

// busy is a backend whose next transactions fail to commit, as those of a
// database that others write to.
type busy struct {
	driver.Backend
	failures, begun int
}

func (b *busy) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	b.begun++
	tx, err := b.Backend.Begin(ctx, o)
	return &busyTx{tx, b}, err
}

func (b *busy) Classify(err error) driver.Fault {
	if errors.Is(err, errBusy) {
		return driver.Fault{Code: fault.Retry}
	}
	return b.Backend.Classify(err)
}

type busyTx struct {
	driver.Tx
	b *busy
}

func (tx *busyTx) Commit(ctx context.Context) error {
	if tx.b.failures > 0 {
		tx.b.failures--
		return errBusy
	}
	return tx.Tx.Commit(ctx)
}

// modest is a backend that can do nothing but what it must.
type modest struct {
	driver.Backend
	batch int
}

func (b modest) Info() driver.Info { return driver.Info{Name: "modest", MaxBatch: b.batch} }

func (b modest) Conn() driver.Conn { return struct{ driver.Conn }{b.Backend.Conn()} }

func (b modest) Begin(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := b.Backend.Begin(ctx, o)
	return modestTx{tx}, err
}

type modestTx struct{ driver.Tx }

func (tx modestTx) Savepoint(ctx context.Context) (driver.Tx, error) {
	sp, err := tx.Tx.Savepoint(ctx)
	return modestTx{sp}, err
}

// hostTx is what an adapter's Join makes of a transaction of the host: it is the
// host who ends it.
type hostTx struct{ driver.Tx }

func (hostTx) Commit(context.Context) error   { return nil }
func (hostTx) Rollback(context.Context) error { return nil }
