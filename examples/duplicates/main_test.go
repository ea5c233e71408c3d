package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const persons, truePairs = "testdata/persons.csv", "testdata/pairs.csv"

// program runs the program and returns what it printed.
func program(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, messages bytes.Buffer
	status = run(t.Context(), args, &out, &messages)
	return status, out.String(), messages.String()
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func TestProgram(t *testing.T) {
	status, out, messages := program(t, "-data", persons, "-gold", truePairs)
	require.Equal(t, allIn, status, messages)
	require.Empty(t, messages)
	require.Equal(t, `== testdata/persons.csv, 6 persons ==

Cluster 1

  Record       Given name  Surname  Address                                                        Born
  rec-1-dup-0  rudd        joshua   78 max henry vrescent, port douoglas, 2335 vic                 19730212
  rec-1-org    joshua      rudd     78 max henry crescent, brentwood vlge, port douglas, 2315 vic  19730212

  Record       is         Because                          Reasons
  rec-1-dup-0  rec-1-org  same person at the same address  given equal, swapped; family equal, swapped; birth equal; number equal; street similar 0.95; city similar 0.98; postcode similar 0.75

Cluster 2

  Record       Given name  Surname  Address                        Born
  rec-3-dup-0              li       12 mainstreet, bath, 4087 wa   19901103
  rec-3-org    na          li       12 main street, bath, 4078 wa  19901103

  Record       is         Because                       Reasons
  rec-3-dup-0  rec-3-org  same person, same birth date  family equal; birth equal; street equal; city equal

  Compared by         Pairs compared  Clusters  Pairs in a cluster  Precision  Recall  Pairs by a rule  Precision  Recall
  names and address   2               2         2                   1.0000     0.6667  2                1.0000     0.6667
  with date of birth  2               2         2                   1.0000     0.6667  2                1.0000     0.6667

`, out)
}

func TestProgramShowsAsMuchAsIsWanted(t *testing.T) {
	_, out, _ := program(t, "-data", persons, "-show", "1")
	require.Contains(t, out, "Cluster 1")
	require.NotContains(t, out, "Cluster 2")
	require.Contains(t, out, "… and 1 clusters more")
	require.Contains(t, out, "-          -")
	_, out, _ = program(t, "-data", persons, "-show", "-1")
	require.Contains(t, out, "Cluster 2")
	require.NotContains(t, out, "more")
}

func TestProgramWithSeveralFiles(t *testing.T) {
	text, err := os.ReadFile(persons)
	require.NoError(t, err)
	lines := strings.SplitAfter(string(text), "\n")
	first, second := write(t, "a.csv", strings.Join(lines[:2], "")), write(t, "b.csv", lines[0]+strings.Join(lines[1:], ""))
	status, out, messages := program(t, "-data", first+","+second, "-gold", truePairs)
	require.Equal(t, allIn, status, messages)
	require.Contains(t, out, ", 6 persons ==", "one list, and what stands in both files is one person")

	dir := t.TempDir()
	for _, file := range []string{first, second} {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.Base(file)), text, 0o600))
	}
	status, out, messages = program(t, "-data", dir)
	require.Equal(t, allIn, status, messages)
	require.Contains(t, out, "a.csv, 1 persons ==")
	require.Contains(t, out, "b.csv, 6 persons ==")
	status, _, messages = program(t, "-data", dir, "-gold", truePairs)
	require.Equal(t, failed, status)
	require.Contains(t, messages, "-gold holds the true pairs of one list")
}

func TestProgramWithBadRows(t *testing.T) {
	text, err := os.ReadFile(persons)
	require.NoError(t, err)
	file := write(t, "dirty.csv", "\ufeff"+string(text)+strings.Join([]string{
		"rec-1-org, joshua, rudd, 78, max henry crescent, brentwood vlge, port douglas, 2315, vic, 19730212, 1111111", // again the same
		"rec-2-org, somebody, else, 8, eddy crescent, , , 6076, wa, , 1",
		", no, id, 1, a, b, c, 1, d, , 1",
		"rec-5-org, too, few",
		"rec-6-org, born, some day, 1, a, b, c, 1, d, 17.05.1990, 1",
		`rec-7-org, a "quote", b, 1, a, b, c, 1, d, , 1`,
		"rec-8-org, 伟, 张, 1, a, b, c, 1, d, , 1",
	}, "\n"))
	gold := write(t, "gold.csv", "rec_id_1,rec_id_2\nrec-1-org,rec-1-dup-0\nrec-1-org,rec-9-org\nrec-1-org,rec-1-org\n")
	status, out, messages := program(t, "-data", file, "-gold", gold)
	require.Equal(t, badRows, status)
	require.Contains(t, out, "7 persons")
	require.Equal(t, `dirty.csv:9: "rec-2-org" stands in dirty.csv:4 already, with other content
dirty.csv:10: the row has no rec_id
dirty.csv:11: 3 fields where the header has 11
dirty.csv:12: date_of_birth "17.05.1990": a date has eight digits, or none
dirty.csv:13: bare " in non-quoted-field
gold.csv:3: there is no person "rec-9-org"
gold.csv:4: "rec-1-org" alone is no pair
`, messages)
}

func TestProgramThatCannotRun(t *testing.T) {
	for want, args := range map[string][]string{
		"-data is needed":                        {},
		"flag provided but not defined":          {"-nonsense"},
		"holds no .csv file":                     {"-data", t.TempDir()},
		"no such file":                           {"-data", "testdata/missing.csv"},
		"pairs.csv: missing columns: rec_id, gi": {"-data", truePairs},
		"empty.csv: no header":                   {"-data", write(t, "empty.csv", "")},
		"persons.csv: missing columns: rec_id_1": {"-data", persons, "-gold", persons},
		"missing.csv":                            {"-data", persons, "-gold", "missing.csv"},
	} {
		status, out, messages := program(t, args...)
		require.Equal(t, failed, status, args)
		require.Contains(t, messages, want)
		require.Empty(t, out)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, messages bytes.Buffer
	require.Equal(t, failed, run(ctx, []string{"-data", persons}, &out, &messages))
	require.Contains(t, messages.String(), "context canceled")
}

// TestRealData runs the program on the public data sets that it was written for. The
// folder KEHU_DATA holds them as dedupe/febrl_dataset*.csv, and their true pairs as
// expected/febrl*_gold_pairs.csv.
func TestRealData(t *testing.T) {
	folder := os.Getenv("KEHU_DATA")
	if folder == "" {
		t.Skip("KEHU_DATA names no folder with the real data")
	}
	for _, set := range []string{"1", "2"} {
		status, out, messages := program(t, "-data", filepath.Join(folder, "dedupe", "febrl_dataset"+set+".csv"),
			"-gold", filepath.Join(folder, "expected", "febrl"+set+"_gold_pairs.csv"), "-show", "0")
		require.Equal(t, allIn, status, messages)
		t.Log(out)
	}
	status, out, messages := program(t, "-data", filepath.Join(folder, "dedupe"), "-show", "0")
	require.Equal(t, allIn, status, messages)
	require.Contains(t, out, "5000 persons")
}
