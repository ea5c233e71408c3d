package sqlite

import (
	"github.com/kehucrm/kehu/storage/bunsql"
	"github.com/kehucrm/kehu/storage/schema"
)

// searchColumns stand in the table of a kind that is searched. search_no is what its tokens
// are kept under: a number of our own, because VACUUM and a dump may change the rowids of a
// table. search_tokens only hands the tokens over to the triggers, and is null at rest.
var searchColumns = []*schema.Field{
	{Name: "search_no", Type: schema.TypeInt, Nullable: true},
	{Name: "search_tokens", Type: schema.TypeText, Nullable: true},
}

// searchObjects returns the index of tokens, and the triggers that keep it with every way of
// writing a record. The tokens themselves are kept nowhere.
func searchObjects(k *schema.Kind) []bunsql.Object {
	table, tokens := `"crm_`+k.Name()+`"`, `"crm_`+k.Name()+`_fts"`
	object := func(name, text string) bunsql.Object { return bunsql.Object{Table: k.Name(), Name: name, SQL: text} }
	trigger := func(suffix, event, body string) bunsql.Object {
		name := "crm_" + k.Name() + "_search" + suffix
		return object(name, `CREATE TRIGGER "`+name+`" AFTER `+event+" ON "+table+body+" END")
	}
	number := "UPDATE " + table + ` SET "search_no" = coalesce("search_no", (SELECT coalesce(max("search_no"), 0) + 1 FROM ` + table + `)), "search_tokens" = NULL WHERE rowid = NEW.rowid; `
	add := "INSERT INTO " + tokens + ` (rowid, tokens) SELECT "search_no", NEW."search_tokens" FROM ` + table + " WHERE rowid = NEW.rowid;"
	remove := "DELETE FROM " + tokens + ` WHERE rowid = OLD."search_no"; `
	given := ` WHEN NEW."search_tokens" IS NOT NULL BEGIN `
	return []bunsql.Object{
		object(bunsql.TokenIndex(k), `CREATE UNIQUE INDEX "`+bunsql.TokenIndex(k)+`" ON `+table+` ("search_no")`),
		object("crm_"+k.Name()+"_fts", "CREATE VIRTUAL TABLE "+tokens+" USING fts5(tokens, content='', contentless_delete=1, detail=none, tokenize='ascii')"),
		trigger("_ins", "INSERT", given+number+add),
		trigger("_upd", `UPDATE OF "search_tokens"`, given+remove+number+add),
		trigger("_del", "DELETE", ` WHEN OLD."search_no" IS NOT NULL BEGIN `+remove),
	}
}
