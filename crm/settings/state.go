package settings

import (
	"context"
	"errors"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/schema"
)

// State is the one record of a tenant that tells whether what is kept in memory of it is
// current: its organisation and its settings, each with a version that goes up at every
// change.
type State struct {
	ID           schema.ID
	Version      int64
	Organisation int64
	Settings     int64
}

// States is the kind of State.
var States = schema.Define[State]("tenant_state")

// StateID is the id of every tenant's State.
func StateID() schema.ID { return schema.NameID("tenant_state") }

// LoadState returns a tenant's State as it is stored; zero for a tenant that has set
// nothing up yet.
func LoadState(ctx context.Context, t *storage.Tenant) (State, error) {
	state, err := storage.Of(t, States).Get(ctx, StateID())
	if errors.Is(err, storage.ErrNotFound) {
		return State{}, nil
	}
	return state, err
}

// Raise raises the version of the organisation ("organisation") or the settings
// ("settings"). Transactions that do so wait for each other. It is Retry when another
// one is setting the tenant up.
func Raise(ctx context.Context, t *storage.Tenant, what string) error {
	states := storage.Of(t, States)
	k := states.Kind()
	one := func(name string) driver.Assign {
		return driver.Assign{Field: k.Field(name), Value: int64(1), Add: true}
	}
	err := t.Write(ctx, driver.Mutation{Kind: k, Update: &driver.Update{ID: StateID(), Set: []driver.Assign{one("version"), one(what)}}})
	if !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	err = states.Insert(ctx, &State{ID: StateID(), Version: 1, Organisation: 1, Settings: 1})
	if errors.Is(err, storage.ErrExists) {
		return &fault.Error{Code: fault.Retry, Message: "the tenant is being set up by another transaction", Err: err}
	}
	return err
}
