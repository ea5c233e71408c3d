package match

// Field is what a condition compares. Texts are compared in normal form; a field that is
// empty in one of the subjects agrees in nothing. Of several names, phones, e-mails and
// domains the two that agree best count.
//
// Fields that people confuse are twins: given and family name, street and place,
// city and postcode. Where one subject has them the other way round, they are compared
// crosswise.
type Field string

// The fields, and how their likeness is measured.
const (
	Name     Field = "name"    // of an organisation: Dice; of a person, in any order: JaroWinkler
	Company  Field = "company" // the employer: Dice
	Given    Field = "given"   // JaroWinkler, as all texts below
	Family   Field = "family"
	Street   Field = "street"
	Place    Field = "place"
	City     Field = "city"
	Region   Field = "region"
	Number   Field = "number" // Edit, as all codes below
	Postcode Field = "postcode"
	Birth    Field = "birth"
	TaxID    Field = "tax_id"
	Phone    Field = "phone"
	Email    Field = "email"
	Domain   Field = "domain"
)

// Condition is And, Or, AtLeast, Equal, Prefix or Similar. It is about a pair of
// subjects, and the same in both directions.
type Condition interface{ isCondition() }

// And holds where all conditions hold.
type And []Condition

// Or holds where one condition holds.
type Or []Condition

// AtLeast holds where N of the conditions hold.
type AtLeast struct {
	N  int
	Of []Condition
}

// Equal holds where the field is the same.
type Equal struct{ Field Field }

// Prefix holds where the first Length characters of the field are the same.
type Prefix struct {
	Field  Field
	Length int
}

// Similar holds where the field is alike by Min or more, from 0 to 1 in the field's
// measure. Texts of fewer than three characters are alike only if they are equal: a
// letter more or less makes another name of them.
type Similar struct {
	Field Field
	Min   float64
}

func (And) isCondition()     {}
func (Or) isCondition()      {}
func (AtLeast) isCondition() {}
func (Equal) isCondition()   {}
func (Prefix) isCondition()  {}
func (Similar) isCondition() {}

// fields lists all fields, for validation.
var fields = []Field{Name, Company, Given, Family, Street, Place, City, Region, Number, Postcode, Birth, TaxID, Phone, Email, Domain}

// minSimilar is the number of characters from which on texts can be alike without being
// equal.
const minSimilar = 3
