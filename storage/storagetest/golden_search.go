package storagetest

import (
	"github.com/kehucrm/kehu/storage/query"
)

// goldenSearch is what a search finds among the golden records, worked out by hand. Hits
// that begin with the text have a caret in front.
type goldenSearch struct {
	text   string
	kind   string // thing when empty
	fields []string
	scope  goldenScope
	where  query.Expr
	limit  int
	want   string
}

// Among the golden things 4 and 5 were used last, 8 never, and of the others the one with
// the greatest number comes first.
var goldenSearches = []goldenSearch{
	{text: "acme", want: "^2 ^1 ^8"},
	{text: "ＡＣＭＥ", want: "^2 ^1 ^8"},
	{text: "ac", want: "^2 ^1 ^8"},
	{text: "cme", want: "2 1 8"},
	{text: "me", want: ""},
	{text: "acme l", want: "^1"},
	{text: "ltd acme", want: "1"},
	{text: "acme  ltd", want: "^1"},
	{text: "acme 中国", want: "^2"},
	{text: "中国", want: "2"},
	{text: "国", want: ""},
	{text: "中", want: "^6"}, // the label of 6; the name of 2 only holds it
	{text: "華為", want: "^6"},
	{text: "為技", want: "6"},
	{text: "huaweij", want: "^6"},
	{text: "hwjs", want: "^6"},
	{text: "wjs", want: ""},
	{text: "jishu", want: ""},
	{text: "zhong", want: "^6"},
	{text: "cafe", want: "^3 4"},
	{text: "CAFÉ", want: "^3 4"},
	{text: "100%", want: "^4"},
	{text: "r_s", want: "5"},
	{text: "_", want: ""},
	{text: "b", want: "^7 ^3"},
	{text: "a", want: "^7 ^2 ^1 ^8"},
	{text: "a", limit: 2, want: "^7 ^2"},
	{text: "cme", limit: 2, want: "2 1"},
	{text: "acme", where: query.Eq("flag", true), want: "^1 ^8"},
	{text: "acme", where: query.Eq("parent.code", "A"), want: "^2"},
	{text: "acme", fields: []string{"name"}, want: "^2 ^1 ^8"},
	{text: "acme", fields: []string{"label", "code", "region"}, want: ""},
	{text: "cme", fields: []string{"name"}, want: "2 1 8"},
	{text: "cme", fields: []string{"label"}, want: ""},
	{text: "a", fields: []string{"code"}, want: "^2 ^1"},
	{text: "hw", fields: []string{"label"}, want: ""},
	{text: "", want: ""},
	{text: "  ", want: ""},
	{text: "acme nothing", want: ""},
	{text: "acme", scope: goldenScope{scope: query.Scope{Reach: reachOf(101, 0, 101)}}, want: "^1 ^8"},
	{text: "acme", scope: goldenScope{scope: query.Scope{Departments: nums(201), Shared: sharedTo(1, 102)}}, want: "^2 ^1"},
	{text: "acme", scope: goldenScope{held: []held{{"part", "thing", ownedBy(101)}}}, want: "^2"},
	{text: "acme", scope: goldenScope{scope: query.Scope{Owners: nums(103)}}, want: ""},
	{text: "bolt", kind: "part", want: "^6 ^1 ^3"},
	{text: "olt", kind: "part", want: "6 1 3"},
	{text: "nut", kind: "part", scope: goldenScope{scope: query.Scope{Reach: reachOf(101, 0, 101)}, whole: []string{"thing"}}, want: "^2"},
	{text: "bolt", kind: "part", scope: goldenScope{scope: query.Scope{Reach: reachOf(102, -1, 102, 103)}, whole: []string{"thing"}}, want: "^6 ^3"},
	{text: "bolt", kind: "part", scope: goldenScope{whole: []string{"thing"}}, want: ""},
}
