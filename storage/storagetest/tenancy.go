package storagetest

import (
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// tenancy works in two tenants whose records have equal ids and equal unique
// values. Whatever is asked or done in one, the other neither shows nor changes.
func tenancy(s *suite) {
	s.test("queries", func(t *tenant) {
		insertDecoys(t.sibling())
		t.insertGolden()
		insertDecoys(t.sibling())
		t.checkSelects(goldenConditions)
		t.checkSelects(goldenRelations)
	})
	s.test("scopes", func(t *tenant) {
		insertDecoys(t.sibling())
		t.insertGolden()
		t.checkScopes(goldenScopes)
	})
	s.test("aggregates", func(t *tenant) {
		insertDecoys(t.sibling())
		t.insertGolden()
		t.checkAggregates(goldenAggregates)
		t.checkScopedAggregates()
	})
	s.test("pages", func(t *tenant) {
		insertDecoys(t.sibling())
		t.insertGolden()
		require.Equal(t, "5 2 8 7 1 4 3 6", numbers(t.kind("thing"), t.walk("thing", query.Select{Sort: query.By("label")}, 2, nil)))
	})
	s.test("only the relations lie elsewhere", relationsElsewhere)
	s.test("only reach and shares lie elsewhere", scopesElsewhere)
	s.test("references do not cross", referencesDoNotCross)
	s.test("writes", writesElsewhere)
	s.test("statistics", func(t *tenant) {
		if _, ok := driver.Find[driver.Analyzer](t.b); !ok {
			t.Skip("the adapter has no Analyzer")
		}
		t.insertGolden()
		other := t.sibling()
		insertDecoys(other)
		before, elsewhere := t.dump(), other.dump()
		t.analyze()
		require.Equal(t, before, t.dump())
		require.Equal(t, elsewhere, other.dump())
		t.checkSelects(goldenRelations)
	})
	s.test("an empty tenant", func(t *tenant) {
		t.sibling().insertGolden()
		require.Empty(t, t.dump())
		n, err := t.tryUpdate("thing", num(1), 0, record{"label": "stolen"})
		require.NoError(t, err)
		require.Zero(t, n)
		n, err = t.tryDelete("note", num(1), 0)
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

// insertDecoys stores records with the ids and uniques of the golden ones and
// with values that would be found and counted by nearly every golden query.
func insertDecoys(t *tenant) {
	for i := 1; i <= 9; i++ {
		r := record{"id": num(i), "code": "A", "name": "acme café 100% under_score 為", "label": "x", "label_n": "a", "flag": true, "flag_n": true, "count": 5, "count_n": 1,
			"amount": "10.5", "amount_n": "1", "day": "2026-02-28", "moment": "2026-02-01T00:00:00Z", "created_at": january1, "owner_id": num(101), "department_id": num(201),
			"custom": schema.Values{"colour": "red", "grade": 2, "worth": "1.5"}}
		if i <= len(goldenThings) {
			r["code"] = goldenThings[i-1]["code"]
		} else {
			r["code"] = "only there"
		}
		if i > 1 {
			r["parent_id"] = num(1)
		}
		t.insert("thing", r)
	}
	for i := 1; i <= 7; i++ {
		t.insert("part", record{"id": num(i), "thing_id": num(i), "name": "bolt", "quantity": 3, "price": "2", "owner_id": num(101), "department_id": num(201)})
		t.insert("note", record{"id": num(i), "subject_kind": "thing", "subject_id": num(i), "body": "六", "owner_id": num(101)})
		t.insert("share", record{"id": num(i), "kind": "thing", "record_id": num(i), "created_at": january1, "principal_id": num(102), "level": 3})
		t.update("thing", num(i), record{"favourite_id": num(i)})
	}
	for i := 101; i <= 105; i++ {
		for j := 101; j <= 105; j++ {
			t.insert("reach", record{"id": num(i*10 + j), "ancestor_id": num(i), "descendant_id": num(j), "depth": 0})
		}
	}
}

// relationsElsewhere has records whose relations lead nowhere, while records of
// those ids, and records that point back, stand in the other tenant.
func relationsElsewhere(t *tenant) {
	insertDecoys(t.sibling())
	t.insert("thing", record{"id": num(1), "label": "mine"}, record{"id": num(2), "label": "mine"})
	t.insert("part", record{"id": num(1), "name": "mine"})
	t.insert("note", record{"id": num(1), "subject_kind": "thing", "subject_id": num(3)})
	for kind, relation := range map[string]string{"thing": "parts", "part": "notes"} {
		require.Empty(t, t.where(kind, query.Has(relation, nil)), "%s.%s", kind, relation)
	}
	for _, relation := range []string{"children", "notes", "parent", "favourite"} {
		require.Empty(t, t.where("thing", query.Has(relation, nil)), relation)
	}
	require.Equal(t, "1 2", t.where("thing", query.Null("parent.label")))
	require.Equal(t, "1", t.where("part", query.Null("thing.label")))
	require.Equal(t, "1 2", t.where("thing", query.Eq("label", "mine")))
	k := t.kind("thing")
	own := ownedBy(101)
	held := &query.Scope{Held: []query.Held{{Child: t.kind("part").Relation("thing"), Scope: own}, {Child: k.Relation("parent"), Scope: own}}}
	require.Empty(t, t.ids("thing", query.Select{Scope: held}), "held by records of the other tenant")
}

// scopesElsewhere has its own records, but no one above anyone and no shares.
func scopesElsewhere(t *tenant) {
	insertDecoys(t.sibling())
	t.insert("thing", goldenThings...)
	t.insert("part", goldenParts...)
	for _, scope := range []query.Scope{{Reach: &query.Reach{Root: num(101), MaxDepth: -1}}, {Shared: sharedTo(1, 102)}, {Reach: &query.Reach{Root: num(101)}, Shared: sharedTo(0, 102)}} {
		for _, plan := range plans(scope) {
			if plan.Reach != nil && plan.Reach.IDs != nil {
				continue // the owners are known without asking
			}
			require.Empty(t, t.ids("thing", query.Select{Scope: &plan}), showScope(&plan))
			plan.Whole = []*schema.Relation{t.kind("part").Relation("thing")}
			require.Empty(t, t.ids("part", query.Select{Scope: &plan}), showScope(&plan))
		}
	}
}

func referencesDoNotCross(t *tenant) {
	other := t.sibling()
	insertDecoys(other)
	t.fails(t.tryInsert("thing", record{"id": num(1), "parent_id": num(9)}), fault.Referenced, parentIdx)
	t.fails(t.tryInsert("part", record{"id": num(1), "thing_id": num(9)}), fault.Referenced, thingIdx)
	t.insert("thing", record{"id": num(1), "code": "only there"})
	_, err := t.tryUpdate("thing", num(1), 0, record{"parent_id": num(2)})
	t.fails(err, fault.Referenced, parentIdx)
	t.delete("thing", num(1)) // parts of the other tenant refer to its namesake
	t.insert("thing", record{"id": num(1)})
}

// writesElsewhere does everything in one tenant that changes something, and
// compares all of the other one before and after.
func writesElsewhere(t *tenant) {
	other := t.sibling()
	insertDecoys(other)
	before := other.dump()
	t.insertGolden()
	t.update("thing", num(1), record{"label": "changed", "+count": 1, "version": 8})
	t.insert("thing", record{"id": num(50), "code": "only there"})
	t.delete("thing", num(50))
	if bulk, ok := t.conn.(driver.BulkUpdater); ok {
		_, err := bulk.UpdateWhere(t.ctx, t.kind("thing"), &driver.UpdateWhere{Tenant: t.name, Set: t.assigns("thing", record{"label": "all"})})
		require.NoError(t, err)
		scope := &query.Scope{Reach: &query.Reach{Root: num(101), MaxDepth: -1}}
		_, err = bulk.UpdateWhere(t.ctx, t.kind("thing"), &driver.UpdateWhere{Tenant: t.name, Scope: scope, Set: t.assigns("thing", record{"label_n": "scoped"})})
		require.NoError(t, err)
	}
	if _, ok := t.conn.(driver.Batcher); ok {
		t.inTx(func(in *tenant) {
			_, err := in.tryBatch(in.updating("part", num(1), 0, record{"name": "batch"}), in.deleting("note", num(1), 0))
			require.NoError(t, err)
		})
	}
	for i := range goldenShares {
		t.delete("share", num(i+1))
	}
	for _, f := range goldenFavourites {
		t.update("thing", num(f[0]), record{"favourite_id": nil})
	}
	for i := len(goldenParts); i > 0; i-- {
		t.delete("part", num(i))
	}
	for i := len(goldenThings); i > 0; i-- {
		t.delete("thing", num(i))
	}
	if after := other.dump(); !sameRows(before, after) {
		t.Errorf("the other tenant has changed; before:%s\nafter:%s", showRows(before), showRows(after))
	}
}
