package session

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"

	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Records are numbered when they are created without a number and a rule says how. A
// rule without blocks takes the number in the transaction that stores the record, so that
// none is lost; transactions that number by it wait for each other. A rule with blocks
// takes many at a time beforehand and gives them out from memory.

// blocks are the numbers that a process has taken beforehand, by counter.
type blocks struct {
	mu   sync.Mutex
	free map[tenantCounter][]int64
}

// tenantCounter is a counter of one tenant: two tenants that were set up alike have rules,
// and so counters, of the same ids.
type tenantCounter struct {
	tenant  string
	counter schema.ID
}

// numbersFor reports whether new records of a kind are numbered, and takes blocks for
// them while no transaction is open yet.
func (s *Session) numbersFor(ctx context.Context, k *schema.Kind, created bool, n int) (bool, error) {
	if !created {
		return false, nil
	}
	rules := s.set.NumberRules(k.Name())
	for _, rule := range rules {
		if rule.Block == 0 || s.t.InTx() {
			continue
		}
		if err := s.stockUp(ctx, rule, int64(n)); err != nil {
			return false, err
		}
	}
	return len(rules) > 0, nil
}

// stockUp takes a block of numbers when there are fewer than n in memory.
func (s *Session) stockUp(ctx context.Context, rule *settings.NumberRule, n int64) error {
	b, counter := s.core.blocks, rule.Period(s.Today())
	own := tenantCounter{s.t.Name(), counter}
	b.mu.Lock()
	enough := int64(len(b.free[own])) >= n
	b.mu.Unlock()
	if enough {
		return nil
	}
	var taken []int64
	err := s.t.Tx(ctx, func(ctx context.Context, t *storage.Tenant) (err error) {
		taken, err = take(ctx, t, rule, counter, max(n, rule.Block))
		return err
	})
	if err != nil {
		return err // and what was taken was not
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.free[own] = append(b.free[own], taken...)
	return nil
}

// take raises a counter of a rule by n and returns the numbers taken.
func take(ctx context.Context, t *storage.Tenant, rule *settings.NumberRule, counter schema.ID, n int64) ([]int64, error) {
	counters := storage.Of(t, settings.Counters)
	err := raise(ctx, t, counter, n)
	if errors.Is(err, storage.ErrNotFound) {
		err = counters.Insert(ctx, &settings.Counter{ID: counter, Version: 1, Last: n})
		if errors.Is(err, storage.ErrExists) {
			return nil, &fault.Error{Code: fault.Retry, Message: "another transaction took the first number", Err: err}
		}
	}
	if err != nil {
		return nil, err
	}
	now, err := counters.Get(ctx, counter)
	if err != nil {
		return nil, err
	}
	begin := now.Last - n + 1
	if begin < rule.First {
		if err := raise(ctx, t, counter, rule.First-begin); err != nil {
			return nil, err
		}
		begin = rule.First
	}
	numbers := make([]int64, n)
	for i := range numbers {
		numbers[i] = begin + int64(i)
	}
	return numbers, nil
}

// raise adds to a counter. It is NotFound where there is none yet.
func raise(ctx context.Context, t *storage.Tenant, counter schema.ID, n int64) error {
	k := storage.Of(t, settings.Counters).Kind()
	return t.Write(ctx, driver.Mutation{Kind: k, Update: &driver.Update{ID: counter, Set: []driver.Assign{
		{Field: k.Version(), Value: int64(1), Add: true}, {Field: k.Field("last"), Value: n, Add: true}}}})
}

// number gives numbers to the new records that have none.
func (c Collection[T]) number(ctx context.Context, set *settings.Snapshot, changes []change[T]) error {
	if changes[0].before != nil || changes[0].new == nil {
		return nil
	}
	for _, rule := range set.NumberRules(c.kind.Name()) {
		f := rule.Column(c.kind)
		if f == nil {
			continue // the program no longer has the field
		}
		var without []*change[T]
		for i := range changes {
			if text := textOf(&changes[i], f); text == "" || text == changes[i].numbered[f.Name] {
				without = append(without, &changes[i])
			}
		}
		numbers, err := c.s.numbers(ctx, c.kind, f, rule, len(without))
		if err != nil {
			return err
		}
		for i, ch := range without {
			reflect.ValueOf(ch.new).Elem().FieldByIndex(f.Index).SetString(numbers[i])
			if ch.numbered == nil {
				ch.numbered = map[string]string{}
			}
			ch.numbered[f.Name] = numbers[i]
		}
	}
	return nil
}

func textOf[T any](ch *change[T], f *schema.Field) string {
	return reflect.ValueOf(ch.new).Elem().FieldByIndex(f.Index).String()
}

// numbers returns n numbers that no record has. Those that somebody has given by hand
// are passed over.
func (s *Session) numbers(ctx context.Context, k *schema.Kind, f *schema.Field, rule *settings.NumberRule, n int) ([]string, error) {
	on := s.Today()
	counter := rule.Period(on)
	var found []string
	for step := n; len(found) < n; step = min(2*step, query.MaxValues) {
		taken, stocked, err := s.next(ctx, rule, counter, step)
		if err != nil {
			return nil, err
		}
		texts := make([]string, len(taken))
		for i, number := range taken {
			texts[i] = rule.Format(on, number)
		}
		given, err := s.given(ctx, k, f, texts)
		if err != nil {
			return nil, err
		}
		for i, text := range texts {
			if given[text] {
				continue
			}
			if found = append(found, text); len(found) == n {
				return found, s.giveBack(ctx, counter, taken[i+1:], stocked)
			}
		}
	}
	return found, nil
}

// next returns the next numbers, from memory (stocked) where a block is there.
func (s *Session) next(ctx context.Context, rule *settings.NumberRule, counter schema.ID, n int) (taken []int64, stocked bool, err error) {
	n = min(n, query.MaxValues)
	if rule.Block > 0 {
		b, own := s.core.blocks, tenantCounter{s.t.Name(), counter}
		b.mu.Lock()
		free := slices.DeleteFunc(b.free[own], func(number int64) bool { return number < rule.First })
		taken = slices.Clone(free[:min(n, len(free))])
		b.free[own] = free[len(taken):]
		b.mu.Unlock()
		if len(taken) > 0 {
			return taken, true, nil
		}
	}
	taken, err = take(ctx, s.t, rule, counter, int64(n))
	return taken, false, err
}

// giveBack returns numbers that are not used to where they were taken from: to memory, or
// to the counter, which this transaction has in hand.
func (s *Session) giveBack(ctx context.Context, counter schema.ID, rest []int64, stocked bool) error {
	switch {
	case len(rest) == 0:
		return nil
	case stocked:
		b, own := s.core.blocks, tenantCounter{s.t.Name(), counter}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.free[own] = append(rest, b.free[own]...)
		return nil
	}
	return raise(ctx, s.t, counter, -int64(len(rest)))
}

// given reports which of some numbers records have already. A field without a unique may
// have one twice, and nothing is looked up.
func (s *Session) given(ctx context.Context, k *schema.Kind, f *schema.Field, texts []string) (map[string]bool, error) {
	unique := slices.ContainsFunc(k.Indexes(), func(x *schema.Index) bool { return x.Unique && len(x.Fields) == 1 && x.Fields[0] == f })
	if !unique {
		return nil, nil
	}
	page, err := s.t.Select(ctx, k, query.Select{Where: query.In(f.Name, texts...), Limit: query.MaxLimit}, nil)
	if err != nil {
		return nil, err
	}
	found := map[string]bool{}
	for _, row := range page.Rows {
		text, _ := row[f.Position].(string)
		found[text] = true
	}
	return found, nil
}
