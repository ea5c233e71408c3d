package sqlite

import (
	"github.com/kehucrm/kehu/storage/bunsql"
	"github.com/kehucrm/kehu/storage/schema"
)

// searchColumns stand in the table of a kind that is searched. search_no is what its tokens
// are kept under: a number of our own, because VACUUM and a dump may change the rowids of a
// table. search_tokens are tokens on their way; at rest they are null, and kept nowhere.
var searchColumns = []*schema.Field{
	{Name: "search_no", Type: schema.TypeInt, Nullable: true},
	{Name: "search_tokens", Type: schema.TypeText, Nullable: true},
}

// searchObjects returns the index of tokens, and what keeps it. Inserting into the view
// takes the tokens of all rows that were just written into the index, by its trigger: FTS5
// writes to disk what it has whenever a statement with triggers begins, and so must not
// take part in the statement of each row.
func searchObjects(k *schema.Kind) []bunsql.Object {
	name := "crm_" + k.Name()
	table, tokens, settle := `"`+name+`"`, `"`+name+`_fts"`, `"`+name+`_settle"`
	object := func(name, text string) bunsql.Object { return bunsql.Object{Table: k.Name(), Name: name, SQL: text} }
	const given = ` WHERE "search_tokens" IS NOT NULL`
	return []bunsql.Object{
		object(bunsql.TokenIndex(k), `CREATE UNIQUE INDEX "`+bunsql.TokenIndex(k)+`" ON `+table+` ("search_no")`),
		object(name+"_search_idx", `CREATE INDEX "`+name+`_search_idx" ON `+table+` ("search_no")`+given),
		object(name+"_fts", "CREATE VIRTUAL TABLE "+tokens+" USING fts5(tokens, content='', contentless_delete=1, detail=none, tokenize='ascii')"),
		object(name+"_settle", "CREATE VIEW "+settle+` AS SELECT "tenant_id" FROM `+table+given),
		object(name+"_search_ins", `CREATE TRIGGER "`+name+`_search_ins" INSTEAD OF INSERT ON `+settle+" BEGIN"+
			" DELETE FROM "+tokens+` WHERE rowid IN (SELECT "search_no" FROM `+table+given+");"+
			" INSERT INTO "+tokens+` (rowid, tokens) SELECT "search_no", "search_tokens" FROM `+table+given+";"+
			" UPDATE "+table+` SET "search_tokens" = NULL`+given+"; END"),
		object(name+"_search_del", `CREATE TRIGGER "`+name+`_search_del" AFTER DELETE ON `+table+` WHEN OLD."search_no" IS NOT NULL BEGIN`+
			" DELETE FROM "+tokens+` WHERE rowid = OLD."search_no"; END`),
	}
}
