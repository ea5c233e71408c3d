package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/kehucrm/kehu/customer/match"
)

// person is a row of a list.
type person struct {
	id, given, surname, number, line1, line2, suburb, postcode, state, birth string
}

// personColumns are the columns of a person, in the order of its fields.
var personColumns = []string{"rec_id", "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state", "date_of_birth"}

// byAddress returns what names and address say of a person.
func (p person) byAddress() match.Subject {
	return match.Subject{ID: p.id, Kind: match.Person, Given: p.given, Family: p.surname, Address: match.Address{
		Number: p.number, Street: p.line1, Place: p.line2, City: p.suburb, Postcode: p.postcode, Region: p.state,
	}}
}

// withBirth returns the same with the date of birth.
func (p person) withBirth() match.Subject {
	s := p.byAddress()
	s.Birth = p.birth
	return s
}

func (p person) check() error {
	switch {
	case p.id == "":
		return errors.New("the row has no rec_id")
	case p.birth != "" && match.NormaliseBirthDate(p.birth) == "":
		return fmt.Errorf("date_of_birth %q: a date has eight digits, or none", p.birth)
	}
	return nil
}

func subjects(list []person, of func(person) match.Subject) iter.Seq2[match.Subject, error] {
	return func(yield func(match.Subject, error) bool) {
		for _, p := range list {
			if !yield(of(p), nil) {
				return
			}
		}
	}
}

// place is a line of a file.
type place struct {
	file string
	line int
}

func (p place) String() string { return fmt.Sprintf("%s:%d", p.file, p.line) }

// problem is a row that was left out, and why.
type problem struct {
	place
	reason error
}

func (p problem) String() string { return fmt.Sprintf("%s: %s", p.place, p.reason) }

// readAll reads the files of one list, and the true pairs where there is a file of them;
// otherwise truth is nil.
func readAll(files []string, gold string) (list []person, truth pairs, problems []problem, err error) {
	known := map[string]entry{}
	for _, file := range files {
		wrong, err := readRows(file, personColumns, func(at place, v []string) error {
			p := person{v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]}
			if err := p.check(); err != nil {
				return err
			}
			if first, taken := known[p.id]; taken && first.person != p {
				return fmt.Errorf("%q stands in %s already, with other content", p.id, first.place)
			} else if !taken { // the same row twice is one
				known[p.id] = entry{p, at}
				list = append(list, p)
			}
			return nil
		})
		if err != nil {
			return nil, nil, nil, err
		}
		problems = append(problems, wrong...)
	}
	if gold == "" {
		return list, nil, problems, nil
	}
	truth = pairs{}
	wrong, err := readRows(gold, []string{"rec_id_1", "rec_id_2"}, func(_ place, v []string) error {
		for _, id := range v {
			if _, found := known[id]; !found {
				return fmt.Errorf("there is no person %q", id)
			}
		}
		if v[0] == v[1] {
			return fmt.Errorf("%q alone is no pair", v[0])
		}
		truth.add(v[0], v[1])
		return nil
	})
	return list, truth, append(problems, wrong...), err
}

// entry is a person and where it was read.
type entry struct {
	person
	place
}

// pairs are pairs of ids, the smaller first.
type pairs map[[2]string]bool

func (p pairs) add(a, b string) { p[[2]string{min(a, b), max(a, b)}] = true }

func (p pairs) has(a, b string) bool { return p[[2]string{min(a, b), max(a, b)}] }

// readRows gives take the values of the columns of each row, without blanks around
// them. What take refuses is a problem, and so is a row of another length.
func readRows(file string, columns []string, take func(at place, values []string) error) ([]problem, error) {
	f, err := os.Open(file) //nolint:gosec // the user names the file
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	// Spreadsheets like to put a byte order mark before the first column's name.
	r := csv.NewReader(transform.NewReader(f, unicode.BOMOverride(transform.Nop)))
	r.TrimLeadingSpace = true
	r.FieldsPerRecord = -1
	name := filepath.Base(file)
	header, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: no header: %w", name, err)
	}
	wanted, err := places(header, columns)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var problems []problem
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return problems, nil
		}
		at := place{file: name}
		if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
			at.line, err = syntax.StartLine, syntax.Err
		} else if err != nil {
			return problems, fmt.Errorf("%s: %w", name, err)
		} else if at.line, _ = r.FieldPos(0); len(row) != len(header) {
			err = fmt.Errorf("%d fields where the header has %d", len(row), len(header))
		} else {
			err = take(at, pick(row, wanted))
		}
		if err != nil {
			problems = append(problems, problem{at, err})
		}
	}
}

// pick returns the values at some places, without blanks around them.
func pick(row []string, places []int) []string {
	values := make([]string, len(places))
	for i, at := range places {
		values[i] = strings.TrimSpace(row[at])
	}
	return values
}

// places returns where the columns stand in the header.
func places(header, columns []string) ([]int, error) {
	where := map[string]int{}
	for i, name := range header {
		where[strings.TrimSpace(name)] = i
	}
	at := make([]int, len(columns))
	var missing []string
	for i, column := range columns {
		place, found := where[column]
		if !found {
			missing = append(missing, column)
		}
		at[i] = place
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("missing columns: %s", strings.Join(missing, ", "))
	}
	return at, nil
}
