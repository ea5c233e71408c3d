package crm_test

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/storage/schema"
)

const kindsIntroduction = `# Kinds, fields and relations

The names by which queries, saved views, rules, imports, the journal and a program's own SQL call what is kept. What each
means is said in Go, at the type that is named with the kind. A query reaches a field of another kind through relations to one:
` + "`customer.industry`, `parent.parent.name`" + `; a relation to many is asked with ` + "`query.Has`" + `.

A kind is the table ` + "`crm_KIND`" + ` in SQLite and ` + "`crm.KIND`" + ` in Postgres, a field its column, beside ` + "`tenant_id`" + `. In SQLite a decimal
is an integer, times its scale (4 places: 10,000), a time microseconds and a date days since 1970, a bool 0 or 1, an id a text.
Tables are for reading: whoever writes past the library misses its rules, journal and permissions.

Every kind marked with * has, besides what is listed, an id, a version, created_at, created_by, updated_at, updated_by, and the
fields that a company has declared, as custom.NAME. This page is written by ` + "`go test ./crm -run TestKindsArePrinted -update`" + `.
`

// TestKindsArePrinted holds that KINDS.md names every kind with its fields and relations.
func TestKindsArePrinted(t *testing.T) {
	registry, err := schema.NewRegistry(crm.Kinds())
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString(kindsIntroduction)
	chapters := map[string][]*schema.Kind{}
	var order []string
	for _, k := range registry.Kinds() {
		if k.Derived() {
			continue
		}
		pkg := strings.TrimPrefix(k.GoType().PkgPath(), "github.com/kehucrm/kehu/")
		if chapters[pkg] == nil {
			order = append(order, pkg)
		}
		chapters[pkg] = append(chapters[pkg], k)
	}
	slices.Sort(order)
	for _, pkg := range order {
		fmt.Fprintf(&b, "\n## Package %s\n", pkg)
		for _, k := range chapters[pkg] {
			printKind(&b, k)
		}
	}
	const golden = "KINDS.md"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(b.String()), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String(), "run go test ./crm -run TestKindsArePrinted -update and read the difference")
}

func printKind(b *strings.Builder, k *schema.Kind) {
	star := ""
	if k.CustomColumn() != nil {
		star = " *"
	}
	fmt.Fprintf(b, "\n### %s%s\n\nGo: `%s.%s`\n\n| field | type | |\n|---|---|---|\n", k.Name(), star, path.Base(k.GoType().PkgPath()), k.GoType().Name())
	for _, f := range k.Columns() {
		common := slices.Contains([]string{"id", "version", "created_at", "created_by", "updated_at", "updated_by", "custom"}, f.Name)
		if f.Derived() || common && star != "" {
			continue
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", f.Name, typeOf(f), strings.Join(remarks(k, f), "; "))
	}
	for _, rel := range k.Relations() {
		if rel.Many {
			fmt.Fprintf(b, "| %s | many | of %s, by its %s |\n", rel.Name, rel.ToName, rel.Field.Name)
		}
	}
}

func typeOf(f *schema.Field) string {
	text := f.Type.String()
	switch f.Type {
	case schema.TypeText:
		text = fmt.Sprintf("%s, %d bytes", text, f.Max)
	case schema.TypeDecimal:
		text = fmt.Sprintf("%s, %d places", text, f.Scale)
	}
	return text
}

// remarks are what else there is to know of a field.
func remarks(k *schema.Kind, f *schema.Field) []string {
	var list []string
	for _, rel := range k.Relations() {
		if !rel.Many && rel.Field == f {
			text := fmt.Sprintf("relation %s to %s", rel.Name, rel.ToName)
			if rel.Part {
				text += ", as its part"
			}
			list = append(list, text)
		}
	}
	for _, ref := range k.Refs() {
		if ref.ID == f {
			list = append(list, "a record of the kind in "+ref.Kind.Name)
		}
	}
	for _, x := range k.Indexes() {
		if x.Unique && slices.Contains(x.Fields, f) {
			var names []string
			for _, field := range x.Fields {
				names = append(names, field.Name)
			}
			list = append(list, "unique: "+strings.Join(names, ", "))
		}
	}
	if f.Nullable {
		list = append(list, "may be null")
	}
	if f.List != "" {
		list = append(list, "dictionary "+f.List)
	}
	if k.Folded(f) != nil {
		list = append(list, "text match")
	}
	if f.Personal {
		list = append(list, "personal")
	}
	return list
}
