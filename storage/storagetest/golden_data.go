package storagetest

import (
	"github.com/kehucrm/kehu/storage/schema"
)

// The fixed records that the golden results speak of. Records of different
// kinds have the same ids on purpose, and so have owners (101 to 104),
// departments (201 to 203) and principals (102, 301) numbers of their own.
const (
	maxAmount = "922337203685477.5807"
	maxInt    = int64(9223372036854775807)
)

var goldenNow = at("2026-06-01T00:00:00Z")

var (
	january1 = at("2026-01-01T09:00:00Z")
	january2 = at("2026-01-02T09:00:00Z")
)

var goldenThings = []record{
	{"id": num(1), "code": "A", "name": "Acme Ltd", "label": "x", "label_n": nil, "flag": true, "flag_n": nil, "count": 5, "count_n": nil, "ratio": 0.5,
		"amount": "10.5", "amount_n": nil, "day": "2026-01-31", "moment": "2026-01-31T23:59:59.999999Z", "created_at": january1,
		"owner_id": num(101), "department_id": num(201), "custom": schema.Values{"colour": "red", "grade": 1, "worth": "1.50"}},
	{"id": num(2), "code": "a", "name": "ACME   中国", "label": "X", "label_n": "", "flag": false, "flag_n": true, "count": -5, "count_n": 0, "ratio": -0.5,
		"amount": "10.50", "amount_n": "0", "day": "2026-02-01", "moment": "2026-02-01T00:00:00Z", "created_at": january1, "parent_id": num(1),
		"owner_id": num(102), "department_id": num(201), "custom": schema.Values{"colour": "blue", "grade": 2, "worth": "-0.01"}},
	{"id": num(3), "code": "b", "name": "Café Zürich", "label": "é", "label_n": "a", "flag": true, "flag_n": false, "count": 5, "count_n": 7, "ratio": 0.0,
		"amount": "-3.25", "amount_n": "2.5", "day": nil, "moment": nil, "created_at": january1, "parent_id": num(1),
		"owner_id": num(102), "department_id": num(202), "custom": schema.Values{"colour": "red"}},
	{"id": num(4), "code": "", "name": "100% Café", "label": "z", "label_n": "b", "flag": false, "flag_n": true, "count": 0, "count_n": -7, "ratio": 1e9,
		"amount": "0", "amount_n": nil, "day": "2026-02-28", "moment": "2026-02-28T12:00:00Z", "created_at": january2, "parent_id": num(2),
		"owner_id": num(103), "department_id": num(202)},
	{"id": num(5), "code": "", "name": "under_score", "label": "", "label_n": "B", "flag": true, "flag_n": nil, "count": 100, "count_n": 7, "ratio": 0.5,
		"amount": maxAmount, "amount_n": maxAmount, "day": "2026-03-01", "moment": "2026-03-01T00:00:00.000001Z", "created_at": january2, "parent_id": num(2),
		"custom": schema.Values{"colour": "", "grade": 10, "worth": "1.5"}},
	{"id": num(6), "code": "c", "name": "華為技術", "label": "中", "label_n": "中", "flag": false, "flag_n": false, "count": maxInt, "count_n": maxInt, "ratio": 0.0,
		"amount": maxAmount, "amount_n": maxAmount, "day": "2025-12-31", "moment": "2025-12-31T23:59:59Z", "created_at": january1, "parent_id": num(4),
		"owner_id": num(103), "department_id": num(203), "custom": schema.Values{"colour": "red ", "grade": -1}},
	{"id": num(7), "code": "B", "name": "", "label": "a b", "label_n": nil, "flag": false, "flag_n": nil, "count": 1, "count_n": 1, "ratio": 2.25,
		"amount": "0.0001", "amount_n": "0.0001", "day": "2026-02-01", "moment": "2026-02-01T00:00:00Z", "created_at": january1,
		"owner_id": num(104), "department_id": num(203), "custom": schema.Values{"colour": "Red", "grade": 2}},
	{"id": num(8), "code": "zz", "name": "Ａｃｍｅ　Ｈｏｌｄｉｎｇ", "label": "X", "label_n": "a", "flag": true, "flag_n": true, "count": 1, "count_n": nil, "ratio": 0.0,
		"amount": "3.25", "amount_n": "-3.25", "day": nil, "moment": nil, "created_at": nil, "parent_id": num(7),
		"owner_id": num(101), "custom": schema.Values{"grade": 1}},
}

var goldenParts = []record{
	{"id": num(1), "thing_id": num(1), "name": "bolt", "quantity": 2, "price": "1.000001", "owner_id": num(102), "department_id": num(201)},
	{"id": num(2), "thing_id": num(1), "name": "Nut", "quantity": 3, "price": nil, "owner_id": num(103)},
	{"id": num(3), "thing_id": num(2), "name": "bolt", "quantity": -1, "price": "2.5", "owner_id": num(101), "department_id": num(202)},
	{"id": num(4), "thing_id": num(3), "name": "", "quantity": 0, "price": "0"},
	{"id": num(5), "thing_id": nil, "name": "orphan", "quantity": 7, "price": "7.5", "owner_id": num(102), "department_id": num(203)},
	{"id": num(6), "thing_id": num(4), "name": "bolt", "quantity": 2, "price": "1.000001", "owner_id": num(104)},
}

// goldenFavourites are thing and part; they close the circle between the kinds.
var goldenFavourites = [][2]int{{1, 3}, {3, 4}, {4, 5}}

var goldenNotes = []record{
	{"id": num(1), "subject_kind": "thing", "subject_id": num(1), "body": "Hello", "owner_id": num(101)},
	{"id": num(2), "subject_kind": "part", "subject_id": num(1), "body": "part one"},
	{"id": num(3), "subject_kind": "part", "subject_id": num(2), "body": ""},
	{"id": num(4), "subject_kind": "thing", "subject_id": num(6), "body": "六"},
	{"id": num(5), "subject_kind": "thing", "subject_id": num(6), "body": "second"},
	{"id": num(6), "subject_kind": "", "subject_id": nil, "body": "loose"},
	{"id": num(7), "subject_kind": "thing", "subject_id": num(99), "body": "leads nowhere"},
}

// goldenReach: 102 reports to 101, 103 to 102; 104 stands alone.
var goldenReach = []record{
	{"id": num(1), "ancestor_id": num(101), "descendant_id": num(101), "depth": 0},
	{"id": num(2), "ancestor_id": num(101), "descendant_id": num(102), "depth": 1},
	{"id": num(3), "ancestor_id": num(101), "descendant_id": num(103), "depth": 2},
	{"id": num(4), "ancestor_id": num(102), "descendant_id": num(102), "depth": 0},
	{"id": num(5), "ancestor_id": num(102), "descendant_id": num(103), "depth": 1},
	{"id": num(6), "ancestor_id": num(103), "descendant_id": num(103), "depth": 0},
	{"id": num(7), "ancestor_id": num(104), "descendant_id": num(104), "depth": 0},
}

var goldenShares = []record{
	{"id": num(1), "kind": "thing", "record_id": num(7), "created_at": january1, "principal_id": num(102), "level": 1, "expires_at": nil},
	{"id": num(2), "kind": "thing", "record_id": num(4), "created_at": january2, "principal_id": num(102), "level": 2, "expires_at": "2026-06-01T00:00:00Z"},
	{"id": num(3), "kind": "thing", "record_id": num(5), "created_at": january2, "principal_id": num(301), "level": 2, "expires_at": "2026-06-01T00:00:00.000001Z"},
	{"id": num(4), "kind": "part", "record_id": num(6), "principal_id": num(102), "level": 3, "expires_at": nil},
	{"id": num(5), "kind": "thing", "record_id": num(8), "principal_id": num(104), "level": 1, "expires_at": "2020-01-01T00:00:00Z"},
	{"id": num(6), "kind": "thing", "record_id": num(1), "created_at": january1, "principal_id": num(301), "level": 1, "expires_at": nil},
	{"id": num(7), "kind": "thing", "record_id": num(1), "created_at": january1, "principal_id": num(102), "level": 3, "expires_at": "2020-01-01T00:00:00Z"},
	{"id": num(8), "kind": "thing", "record_id": num(99), "principal_id": num(102), "level": 3, "expires_at": nil},
}

// insertGolden stores the golden records.
func (t *tenant) insertGolden() {
	t.Helper()
	t.insert("thing", goldenThings...)
	t.insert("part", goldenParts...)
	for _, f := range goldenFavourites {
		t.update("thing", num(f[0]), record{"favourite_id": num(f[1])})
	}
	t.insert("note", goldenNotes...)
	t.insert("reach", goldenReach...)
	t.insert("share", goldenShares...)
}
