package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/sqlite"
)

type plant struct {
	ID   schema.ID
	Name string
}

var plants = schema.Define[plant]("plant", schema.IndexOn("name"))

func Example() {
	dir, err := os.MkdirTemp("", "kehu")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	ctx := context.Background()

	store, err := sqlite.Open(ctx, filepath.Join(dir, "garden.db"))
	if err != nil {
		panic(err)
	}
	defer func() { _ = store.Close() }()
	registry, err := schema.NewRegistry([]*schema.Kind{plants.Kind})
	if err != nil {
		panic(err)
	}
	if err := store.Migrate(ctx, registry, nil); err != nil {
		panic(err)
	}
	garden, err := store.Bind(registry, storage.Options{}).Tenant("garden")
	if err != nil {
		panic(err)
	}

	table := storage.Of(garden, plants)
	if err := table.Insert(ctx, &plant{garden.NewID(), "plum"}, &plant{garden.NewID(), "pear"}); err != nil {
		panic(err)
	}
	for p, err := range table.All(ctx, query.Select{Sort: query.By("name")}) {
		if err != nil {
			panic(err)
		}
		fmt.Println(p.Name)
	}
	// Output:
	// pear
	// plum
}
