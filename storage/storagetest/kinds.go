package storagetest

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/kehucrm/kehu/storage/schema"
)

// thing has a field of every type, nullable and not, and takes every role.
type thing struct {
	ID           schema.ID
	Version      int64
	CreatedAt    time.Time
	Code         string // unique alone
	Region       string // unique together with Slot
	Slot         *int64
	Name         string `crm:"name,search"`
	ParentID     schema.ID
	FavouriteID  schema.ID // a part; parts point back at things
	OwnerID      schema.ID
	DepartmentID schema.ID

	Flag    bool
	FlagN   *bool
	Count   int64
	CountN  *int64
	Ratio   float64
	RatioN  *float64
	Label   string
	LabelN  *string
	Long    string `crm:"long,max=1000000"`
	Blob    []byte `crm:"blob,max=1000000"`
	Moment  time.Time
	Day     schema.Date
	Amount  decimal.Decimal
	AmountN decimal.NullDecimal
	Whole   decimal.Decimal     `crm:"whole,scale=0"`
	Price   decimal.NullDecimal `crm:"price,scale=6"`
	Rate    decimal.NullDecimal `crm:"rate,scale=8"`
	Tiny    decimal.NullDecimal `crm:"tiny,scale=12"`
	Extra   schema.JSON
	Other   schema.ID // guarded by nothing
	Custom  schema.Values
}

// part belongs to a thing, and has an owner of its own.
type part struct {
	ID           schema.ID
	Version      int64
	Name         string `crm:"name,search"`
	ThingID      schema.ID
	OwnerID      schema.ID
	DepartmentID schema.ID
	Quantity     int64
	Price        decimal.NullDecimal `crm:"price,scale=6"`
}

// note speaks of a thing or a part, through a reference that nothing guards.
type note struct {
	ID           schema.ID
	Version      int64
	SubjectKind  string
	SubjectID    schema.ID
	Body         string `crm:"body,search"`
	OwnerID      schema.ID
	DepartmentID schema.ID
}

// reach and share have no version.
type reach struct {
	ID           schema.ID
	AncestorID   schema.ID
	DescendantID schema.ID
	Depth        int64
}

type share struct {
	ID          schema.ID
	Kind        string
	RecordID    schema.ID
	CreatedAt   time.Time
	PrincipalID schema.ID
	Level       int64
	ExpiresAt   time.Time
}

// Kinds returns the kinds that the suite works with. Between them they use
// every type, option and role that package schema knows: adapter authors may
// use them in tests of their own, golden DDL for instance.
//
//	thing  every type, unique and composite unique, text match, a parent of its own
//	       kind, a part it points to while parts point at it, owner, sort keys, search
//	part   belongs to a thing as a part to its whole; its owner holds the thing; search
//	note   speaks of a thing or a part (polymorphic)
//	reach  who stands above whom
//	share  shares of single records
func Kinds() []*schema.Kind {
	return []*schema.Kind{
		schema.Define[thing]("thing",
			schema.Unique("code"),
			schema.Unique("region", "slot"),
			schema.IndexOn("label", "count"),
			schema.BelongsTo("parent", "thing", "parent_id"),
			schema.BelongsTo("favourite", "part", "favourite_id"),
			schema.HasMany("children", "thing", "parent"),
			schema.HasMany("parts", "part", "thing"),
			schema.HasMany("notes", "note", "subject"),
			schema.OwnedBy("owner_id", "department_id"),
			schema.SortKeys("created_at", "amount_n"),
			schema.Search("created_at", schema.Words("name", "label", "code"), schema.Digits("region"))).Kind,
		schema.Define[part]("part",
			schema.BelongsTo("thing", "thing", "thing_id", schema.Part(), schema.Holds()),
			schema.HasMany("notes", "note", "subject"),
			schema.OwnedBy("owner_id", "department_id"),
			schema.SortKeys("name", "quantity"),
			schema.Search("quantity", schema.Words("name"))).Kind,
		schema.Define[note]("note",
			schema.PolymorphicRef("subject", "subject_kind", "subject_id", "thing", "part"),
			schema.OwnedBy("owner_id", "department_id")).Kind,
		schema.Define[reach]("reach",
			schema.KeepsReach("ancestor_id", "descendant_id", "depth")).Kind,
		schema.Define[share]("share",
			schema.KeepsShares("kind", "record_id", "created_at", "principal_id", "level", "expires_at")).Kind,
	}
}

// Registry returns the registry of Kinds, with custom fields of every type
// that custom fields can have declared for the kind thing, some of them indexed.
func Registry() *schema.Registry {
	r, err := schema.NewRegistry(Kinds(), schema.Extension{Kind: "thing", Fields: []schema.CustomField{
		{Name: "colour", Type: schema.TypeText, Indexed: true},
		{Name: "grade", Type: schema.TypeInt, Indexed: true},
		{Name: "worth", Type: schema.TypeDecimal, Scale: 2, Indexed: true},
		{Name: "active", Type: schema.TypeBool},
		{Name: "since", Type: schema.TypeDate, Indexed: true},
		{Name: "seen", Type: schema.TypeTime},
		{Name: "mate", Type: schema.TypeID},
	}})
	if err != nil {
		panic(err) // a defect of this package, not of the adapter
	}
	return r
}
