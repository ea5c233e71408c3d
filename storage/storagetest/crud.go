package storagetest

import (
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// full is a record in which every field has a value that is not its zero.
func full(n int) record {
	return record{
		"id": num(n), "version": 3, "created_at": at("2026-01-02T03:04:05.000006Z"), "code": "C-1", "region": "north", "slot": 4,
		"name": "Zoë & Söhne", "owner_id": num(70), "department_id": num(80), "flag": true, "flag_n": false, "count": 5, "count_n": 0,
		"ratio": 0.1, "ratio_n": 2.5, "label": "l", "label_n": "", "long": "long", "blob": []byte{1, 0}, "moment": at("2026-05-06T07:08:09Z"),
		"day": day("2026-02-28"), "amount": dec("12.3456"), "amount_n": dec("-0.0001"), "whole": dec("7"), "price": dec("0.000001"),
		"rate": dec("7.12345678"), "tiny": dec("0.000000000001"), "extra": schema.JSON(`{"a":[1]}`), "other": num(9), "custom": schema.Values{"colour": "red"},
	}
}

func crud(s *suite) {
	s.test("info", func(t *tenant) {
		require.NotEmpty(t, t.b.Info().Name)
		require.Equal(t, t.b.Info(), t.b.Info())
		require.GreaterOrEqual(t, t.b.Info().MaxBatch, 0)
	})
	s.test("insert and get", func(t *tenant) {
		t.insert("thing", full(1), record{"id": num(2)})
		t.holds("thing", full(1))
		t.holds("thing", record{"id": num(2)})
		require.Nil(t, t.get("thing", num(3)))
		require.Equal(t, "1 2", t.where("thing", nil))
	})
	s.test("insert of no rows", func(t *tenant) {
		t.insert("thing")
		require.Empty(t, t.where("thing", nil))
	})
	s.test("insert of many rows", insertMany)
	s.test("the same id twice", func(t *tenant) {
		t.insert("thing", record{"id": num(1), "label": "first"})
		t.fails(t.tryInsert("thing", record{"id": num(1), "label": "second"}), fault.Exists, "")
		t.fails(t.tryInsert("part", record{"id": num(2)}, record{"id": num(2)}), fault.Exists, "")
		t.holds("thing", record{"id": num(1), "label": "first"})
		require.Empty(t, t.where("part", nil))
		t.insert("part", record{"id": num(1)}) // the same id in another kind is another record
	})
	s.test("update", update)
	s.test("update adds", updateAdds)
	s.test("delete", func(t *tenant) {
		t.insert("thing", record{"id": num(1)}, record{"id": num(2)})
		t.delete("thing", num(1))
		require.Equal(t, "2", t.where("thing", nil))
		n, err := t.tryDelete("thing", num(1), 0)
		require.NoError(t, err)
		require.Zero(t, n, "deleting it again")
		t.insert("thing", record{"id": num(1), "label": "new"})
		t.holds("thing", record{"id": num(1), "label": "new"})
	})
	s.test("nothing is shared with the caller", aliasing)
	s.test("columns in any choice", columns)
	s.test("odd tenants", func(t *tenant) {
		for _, name := range []string{"a", "A", "a ", "é", "e\u0301", "o'Brien \"%_\\", "租户", "0"} {
			other := t.sibling()
			other.name = name + t.name
			other.insert("thing", record{"id": num(1), "label": name})
			other.holds("thing", record{"id": num(1), "label": name})
		}
	})
}

// insertMany goes over what one statement of a database can bind.
func insertMany(t *tenant) {
	const n = 3000
	records := make([]record, n)
	for i := range records {
		records[i] = record{"id": num(i), "count": i}
		if i > 0 {
			records[i]["parent_id"] = num(i - 1)
		}
	}
	t.insert("thing", records...)
	for i := 0; i < n; i += 1000 {
		where := query.All(query.Ge("count", i), query.Lt("count", i+1000))
		require.Equal(t, span(i, i+1000), t.where("thing", where))
	}
	// The last row is wrong: none is stored.
	for i := range records {
		records[i] = record{"id": num(n + i)}
	}
	records[n-1]["id"] = num(5)
	t.fails(t.tryInsert("thing", records...), fault.Exists, "")
	require.Empty(t, t.where("thing", query.Ge("id", num(n))), "rows of an insert that failed")
}

func update(t *tenant) {
	t.insert("thing", full(1), full(2).with(record{"code": "C-2", "slot": 5}))
	t.update("thing", num(1), record{"label": "new", "count_n": nil, "name": "Ölpreis", "blob": nil, "extra": nil, "moment": nil, "version": 4})
	want := full(1).with(record{"label": "new", "count_n": nil, "name": "Ölpreis", "blob": nil, "extra": nil, "moment": nil, "version": 4})
	t.holds("thing", want)
	t.holds("thing", full(2).with(record{"code": "C-2", "slot": 5}))
	require.Equal(t, "1", t.where("thing", query.HasPrefix("name", "olp")))

	every := full(9) // every column at once
	delete(every, "id")
	every["code"] = "C-9"
	every["slot"] = 6
	every["version"] = 10
	t.update("thing", num(2), every)
	t.holds("thing", every.with(record{"id": num(2)}))

	n, err := t.tryUpdate("thing", num(3), 0, record{"label": "x"})
	require.NoError(t, err)
	require.Zero(t, n, "updating a record that is not there")
	require.Equal(t, "1 2", t.where("thing", nil))
}

func updateAdds(t *tenant) {
	t.insert("thing", record{"id": num(1), "count": 5, "amount": dec("0.0001"), "tiny": dec("0.1"), "whole": dec("9007199254740993")})
	add := record{"+count": -7, "+count_n": 3, "+amount": dec("922337203685477.5806"), "+amount_n": dec("1"), "+tiny": dec("-0.000000000001"), "+whole": dec("1")}
	t.update("thing", num(1), add)
	want := record{"id": num(1), "count": -2, "amount": dec("922337203685477.5807"), "tiny": dec("0.099999999999"), "whole": dec("9007199254740994")}
	t.holds("thing", want)
	t.update("thing", num(1), record{"+amount": dec("-922337203685477.5807"), "label": "set beside"})
	t.holds("thing", want.with(record{"amount": dec("0"), "label": "set beside"}))
}

// aliasing holds both ends: the caller may change what it handed in and what it
// was given.
func aliasing(t *tenant) {
	k := t.kind("thing")
	row := rowOf(k, full(1))
	want := full(1)
	require.NoError(t, t.conn.Insert(t.ctx, k, &driver.Insert{Tenant: t.name, Rows: []driver.Row{row}}))
	spoil(k, row)
	t.holds("thing", want)

	spoil(k, t.get("thing", num(1)))
	t.holds("thing", want)

	blob, extra := []byte("fresh"), schema.JSON(`{"fresh":1}`)
	set := []driver.Assign{{Field: k.Field("blob"), Value: blob}, {Field: k.Field("extra"), Value: extra}, {Field: k.Field("label"), Value: "fresh"}}
	_, err := t.conn.Update(t.ctx, k, &driver.Update{Tenant: t.name, ID: num(1), Set: set})
	require.NoError(t, err)
	set[2].Value = "spoilt"
	blob[0], extra[2] = 'X', 'X'
	t.holds("thing", want.with(record{"blob": []byte("fresh"), "extra": schema.JSON(`{"fresh":1}`), "label": "fresh"}))
}

// spoil changes all of a row, in its slices and beside them.
func spoil(k *schema.Kind, row driver.Row) {
	for i := range row {
		switch v := row[i].(type) {
		case []byte:
			v[0] ^= 0xff
		case schema.JSON:
			v[0] = 'X'
		}
		if i != k.ID().Position {
			row[i] = nil
		}
	}
}

// columns asks for other columns than all: few, in another order, one of them
// twice, over relations and out of the custom fields.
func columns(t *tenant) {
	t.insert("thing", record{"id": num(1), "label": "root", "custom": schema.Values{"colour": "red", "worth": "1.25"}}, record{"id": num(2), "label": "leaf", "parent_id": num(1)})
	rows := t.project("thing", nil, "label", "id", "parent.label", "parent.custom.colour", "custom.worth", "label", "parent.parent.label", "name")
	want := []driver.Row{
		{"root", num(1), nil, nil, dec("1.25"), "root", nil, ""},
		{"leaf", num(2), "root", "red", nil, "leaf", nil, ""},
	}
	if !sameRows(want, rows) {
		t.Errorf("columns are%s\nwant%s", showRows(rows), showRows(want))
	}
}
