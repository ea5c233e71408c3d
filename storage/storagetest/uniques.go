package storagetest

import (
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
)

const (
	codeKey   = "thing_code_key"
	slotKey   = "thing_region_slot_key"
	reachKey  = "reach_ancestor_id_descendant_id_key"
	parentIdx = "thing_parent_id_idx"
	favourIdx = "thing_favourite_id_idx"
	thingIdx  = "part_thing_id_idx"
)

func uniques(s *suite) {
	s.test("insert", func(t *tenant) {
		t.insert("thing", record{"id": num(1), "code": "A", "region": "r", "slot": 1})
		t.fails(t.tryInsert("thing", record{"id": num(2), "code": "A"}), fault.Exists, codeKey)
		t.fails(t.tryInsert("thing", record{"id": num(2), "region": "r", "slot": 1}), fault.Exists, slotKey)
		require.Equal(t, "1", t.where("thing", nil))
		t.insert("thing", record{"id": num(2), "code": "a"}, record{"id": num(3), "code": "A "}, record{"id": num(4), "code": "Ａ"},
			record{"id": num(5), "region": "r", "slot": 2}, record{"id": num(6), "region": "R", "slot": 1})
		t.insert("reach", record{"id": num(1), "ancestor_id": num(1), "descendant_id": num(2)}, record{"id": num(2), "ancestor_id": num(2), "descendant_id": num(1)})
		t.fails(t.tryInsert("reach", record{"id": num(3), "ancestor_id": num(1), "descendant_id": num(2)}), fault.Exists, reachKey)
	})
	s.test("null and empty text take no part", func(t *tenant) {
		t.insert("thing", record{"id": num(1)}, record{"id": num(2)}, record{"id": num(3), "region": "r"}, record{"id": num(4), "region": "r"},
			record{"id": num(5), "slot": 1}, record{"id": num(6), "slot": 1})
		t.insert("thing", record{"id": num(7)}, record{"id": num(8), "region": "r"}, record{"id": num(9), "slot": 1}) // and in a second call
		t.update("thing", num(7), record{"code": "A"})
		t.update("thing", num(7), record{"code": ""})
		require.Equal(t, "1 2 3 4 5 6 7 8 9", t.where("thing", nil))
		t.update("thing", num(3), record{"slot": 9})
		n, err := t.tryUpdate("thing", num(4), 0, record{"slot": 9})
		require.Zero(t, n)
		t.fails(err, fault.Exists, slotKey)
	})
	s.test("update", func(t *tenant) {
		t.insert("thing", record{"id": num(1), "code": "A"}, record{"id": num(2), "code": "B"})
		_, err := t.tryUpdate("thing", num(2), 0, record{"code": "A", "label": "changed"})
		t.fails(err, fault.Exists, codeKey)
		t.holds("thing", record{"id": num(2), "code": "B"})
		t.update("thing", num(2), record{"code": "B", "label": "itself"})
		t.update("thing", num(1), record{"code": "C"})
		t.update("thing", num(2), record{"code": "A"})
		t.delete("thing", num(2))
		t.insert("thing", record{"id": num(3), "code": "A"})
	})
	s.test("within one insert", func(t *tenant) {
		t.fails(t.tryInsert("thing", record{"id": num(1), "code": "A"}, record{"id": num(2), "code": "B"}, record{"id": num(3), "code": "A"}), fault.Exists, codeKey)
		require.Empty(t, t.where("thing", nil), "rows of an insert that failed")
		t.insert("thing", record{"id": num(1), "code": "A"})
	})
}

func references(s *suite) {
	s.test("insert", func(t *tenant) {
		t.fails(t.tryInsert("thing", record{"id": num(1), "parent_id": num(9)}), fault.Referenced, parentIdx)
		t.fails(t.tryInsert("thing", record{"id": num(1), "favourite_id": num(9)}), fault.Referenced, favourIdx)
		t.fails(t.tryInsert("part", record{"id": num(1), "thing_id": num(9)}), fault.Referenced, thingIdx)
		t.fails(t.tryInsert("part", record{"id": num(1)}, record{"id": num(2), "thing_id": num(9)}), fault.Referenced, thingIdx)
		require.Empty(t, t.where("thing", nil))
		require.Empty(t, t.where("part", nil), "rows of an insert that failed")
		t.insert("thing", record{"id": num(1)})
		t.insert("part", record{"id": num(1), "thing_id": num(1)})
		// A part of the same id is no thing.
		t.insert("part", record{"id": num(5)})
		t.fails(t.tryInsert("part", record{"id": num(2), "thing_id": num(5)}), fault.Referenced, thingIdx)
	})
	s.test("to a row before it", func(t *tenant) {
		// The ids descend, so that an adapter that sorts its rows is found out.
		t.insert("thing", record{"id": num(3)}, record{"id": num(2), "parent_id": num(3)}, record{"id": num(1), "parent_id": num(2)})
		require.Equal(t, "1", t.where("thing", query.Eq("parent.parent_id", num(3))))
	})
	s.test("update", func(t *tenant) {
		t.insert("thing", record{"id": num(1)}, record{"id": num(2), "parent_id": num(1)})
		_, err := t.tryUpdate("thing", num(2), 0, record{"parent_id": num(9), "label": "x"})
		t.fails(err, fault.Referenced, parentIdx)
		t.holds("thing", record{"id": num(2), "parent_id": num(1)})
		t.update("thing", num(2), record{"parent_id": nil})
		t.delete("thing", num(1))
	})
	s.test("delete", func(t *tenant) {
		t.insert("thing", record{"id": num(1)}, record{"id": num(2)}, record{"id": num(3), "parent_id": num(2)})
		t.insert("part", record{"id": num(1), "thing_id": num(1)})
		_, err := t.tryDelete("thing", num(1), 0)
		t.fails(err, fault.Referenced, thingIdx)
		_, err = t.tryDelete("thing", num(2), 0)
		t.fails(err, fault.Referenced, parentIdx)
		require.Equal(t, "1 2 3", t.where("thing", nil))
		t.delete("thing", num(3))
		t.delete("thing", num(2))
		t.delete("part", num(1))
		t.delete("thing", num(1))
	})
	s.test("two kinds that point at each other", func(t *tenant) {
		t.insert("thing", record{"id": num(1)})
		t.insert("part", record{"id": num(1), "thing_id": num(1)})
		t.update("thing", num(1), record{"favourite_id": num(1)})
		_, err := t.tryDelete("part", num(1), 0)
		t.fails(err, fault.Referenced, favourIdx)
		_, err = t.tryDelete("thing", num(1), 0)
		t.fails(err, fault.Referenced, thingIdx)
		t.update("thing", num(1), record{"favourite_id": nil})
		t.delete("part", num(1))
		t.delete("thing", num(1))
	})
	s.test("a record that points at itself", func(t *tenant) {
		t.insert("thing", record{"id": num(1)})
		t.update("thing", num(1), record{"parent_id": num(1)})
		require.Equal(t, "1", t.where("thing", query.Eq("parent.parent.parent_id", num(1))))
		t.delete("thing", num(1)) // no other record refers to it
		require.Empty(t, t.where("thing", nil))
	})
	s.test("polymorphic references are not guarded", func(t *tenant) {
		t.insert("note", record{"id": num(1), "subject_kind": "thing", "subject_id": num(9)}, record{"id": num(2), "subject_kind": "unheard", "subject_id": num(9)})
		t.insert("thing", record{"id": num(9)})
		t.delete("thing", num(9))
	})
}
