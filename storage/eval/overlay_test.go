package eval_test

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/eval"
	"github.com/kehucrm/kehu/storage/schema"
)

// everything reads a source in all ways and tells what it saw; what it finds by an
// index it compares with a scan.
func everything(t testing.TB, w world, src eval.Source) []string {
	t.Helper()
	var out []string
	for _, name := range []string{tenant, "acme2"} {
		out = append(out, inOrder(t, src.Scan(w.company, name))...)
		for id := range 12 {
			row, ok, err := src.Get(w.company, name, num(id))
			require.NoError(t, err)
			require.Equal(t, ok, row != nil)
			out = append(out, fmt.Sprint("get ", name, id, ok, row))
		}
		for i := range 4 {
			for x, key := range map[string][]any{
				"company_code_key":             {fmt.Sprint("c", i)},
				"company_region_employees_key": {[]any{nil, "", "a", "b"}[i], int64(1)},
				"company_stars_custom_idx":     {int64(i)},
				"company_parent_id_idx":        {nil},
			} {
				index := w.company.Index(x)
				require.Equal(t, inOrder(t, eval.FindByScan(src, w.company, name, index, key)), inOrder(t, src.Find(w.company, name, index, key)))
			}
		}
	}
	return out
}

// inOrder returns the rows of a sequence, each once and in order of id.
func inOrder(t testing.TB, seq iter.Seq2[driver.Row, error]) []string {
	t.Helper()
	var list []driver.Row
	for row, err := range seq {
		require.NoError(t, err)
		list = append(list, row)
		if n := len(list); n > 1 {
			require.Negative(t, list[n-2][0].(schema.ID).Compare(row[0].(schema.ID)), "not in order of id, or twice")
		}
	}
	return text(list)
}

func drawRow(rt *rapid.T, w world) driver.Row {
	v := vals{
		"id":     num(rapid.IntRange(1, 10).Draw(rt, "id")),
		"code":   fmt.Sprint("c", rapid.IntRange(0, 3).Draw(rt, "code")),
		"region": rapid.SampledFrom([]any{nil, "", "a", "b"}).Draw(rt, "region"),
		"custom": schema.JSON(fmt.Sprintf(`{"stars":%d}`, rapid.IntRange(0, 3).Draw(rt, "stars"))),
	}
	if rapid.Bool().Draw(rt, "employees") {
		v["employees"] = int64(1)
	}
	return rowOf(w.company, v)
}

// TestOverlayIsLikeTables does the same random changes, with savepoints, to an
// overlay and to tables. Both must show the same throughout, the base must stay
// as it was, and the changes applied to it must give the same again.
func TestOverlayIsLikeTables(t *testing.T) {
	w := testWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		base := eval.NewTables()
		for range rapid.IntRange(0, 8).Draw(rt, "base") {
			require.NoError(t, base.Put(w.company, tenant, drawRow(rt, w)))
		}
		before := everything(t, w, base)
		overlay, tables := eval.NewOverlay(base), base.Copy()
		type savepoint struct {
			overlay *eval.Overlay
			tables  *eval.Tables
		}
		var saved []savepoint
		for range rapid.IntRange(1, 15).Draw(rt, "steps") {
			name := rapid.SampledFrom([]string{tenant, tenant, "acme2"}).Draw(rt, "tenant")
			switch rapid.IntRange(0, 6).Draw(rt, "step") {
			case 0:
				saved = append(saved, savepoint{overlay.Copy(), tables.Copy()})
			case 1:
				if len(saved) > 0 { // roll back to it
					last := saved[len(saved)-1]
					overlay, tables, saved = last.overlay, last.tables, saved[:len(saved)-1]
				}
			case 2, 3:
				id := num(rapid.IntRange(1, 10).Draw(rt, "gone"))
				require.NoError(t, overlay.Remove(w.company, name, id))
				require.NoError(t, tables.Remove(w.company, name, id))
			default:
				row := drawRow(rt, w)
				require.NoError(t, overlay.Put(w.company, name, slices.Clone(row)))
				require.NoError(t, tables.Put(w.company, name, row))
			}
			require.Equal(t, inOrder(t, tables.Scan(w.company, name)), inOrder(t, overlay.Scan(w.company, name)))
		}
		require.Equal(t, everything(t, w, tables), everything(t, w, overlay))
		require.Equal(t, before, everything(t, w, base), "the base changed")
		for _, s := range saved {
			require.Equal(t, everything(t, w, s.tables), everything(t, w, s.overlay), "a savepoint changed")
		}
		want := everything(t, w, overlay)
		require.NoError(t, overlay.ApplyTo(base))
		require.Equal(t, want, everything(t, w, base))
	})
}

func TestOverlayChanges(t *testing.T) {
	w := testWorld(t)
	base := eval.NewTables()
	put(t, base, w.company, vals{"id": num(1)}, vals{"id": num(2)})
	o := eval.NewOverlay(base)
	put(t, o, w.contact, vals{"id": num(7)})
	put(t, o, w.company, vals{"id": num(2), "code": "B"}, vals{"id": num(3)}, vals{"id": num(2), "code": "C"})
	require.NoError(t, o.Remove(w.company, tenant, num(1)))
	require.NoError(t, o.Remove(w.company, tenant, num(3)))
	var got []string
	visit := func(k *schema.Kind, tenant string, id schema.ID, row driver.Row) error {
		code := any("gone")
		if row != nil {
			code = row[k.Field("name").Position+1]
		}
		got = append(got, fmt.Sprint(k.Name(), " ", tenant, " ", numOf(id), " ", code))
		return nil
	}
	require.NoError(t, o.Changes(visit))
	require.Equal(t, []string{"company acme 1 gone", "company acme 2 C", "company acme 3 gone", "contact acme 7 <nil>"}, got)
	stop := errors.New("stop")
	require.ErrorIs(t, o.Changes(func(*schema.Kind, string, schema.ID, driver.Row) error { return stop }), stop)
	require.Error(t, o.Put(w.company, tenant, driver.Row{num(1)}))
	require.Error(t, o.Put(w.company, tenant, rowOf(w.company, vals{})), "a row without an id")
}

func TestOldCopyIsReadWhileNewOneIsWritten(t *testing.T) {
	w := testWorld(t)
	current := eval.NewTables()
	for i := range 500 {
		put(t, current, w.company, vals{"id": num(i + 1), "code": fmt.Sprint("c", i%4)})
	}
	old := current
	want := everything(t, w, old)
	done := make(chan error, 1)
	go func() {
		for round := range 20 {
			next := current.Copy()
			for i := range 100 {
				id := num((round*37+i*11)%600 + 1)
				var err error
				if i%3 == 0 {
					err = next.Remove(w.company, tenant, id)
				} else {
					err = next.Put(w.company, tenant, rowOf(w.company, vals{"id": id, "code": "new"}))
				}
				if err != nil {
					done <- err
					return
				}
			}
			current = next
		}
		done <- nil
	}()
	for range 5 {
		require.Equal(t, want, everything(t, w, old))
	}
	require.NoError(t, <-done)
	require.Equal(t, want, everything(t, w, old))
	require.NotEqual(t, want, everything(t, w, current))
}
