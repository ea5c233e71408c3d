package vcard_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm/sheet/vcard"
)

// expectedFile is what somebody else has read from a file by other means.
type expectedFile struct {
	File     string            `json:"file"`
	Cards    int               `json:"cards"`
	Contacts []expectedContact `json:"contacts"`
}

type expectedContact struct {
	Version string `json:"version"`
	FN      string `json:"fn"`
	N       string `json:"n"`
	Org     string `json:"org"`
	Tel     int    `json:"tel"`
	Email   int    `json:"email"`
	Adr     int    `json:"adr"`
	Photo   int    `json:"photo"`
}

// TestRealCards reads the address-book exports that the test suites of Qt Versit
// (https://code.qt.io/cgit/qt/qtpim.git, tests/auto/versit) and of the Perl module
// Text::vCard (https://github.com/ranguard/text-vcard, t) have, and compares with what
// was counted elsewhere. Whatever other cards there are in KEHU_DATA, the folder that holds
// them and the counts, must come back as they are read. Without it, the test is skipped.
func TestRealCards(t *testing.T) {
	folder := os.Getenv("KEHU_DATA")
	if folder == "" {
		t.Skip("KEHU_DATA is not set: no cards to read")
	}
	counts, err := filepath.Glob(filepath.Join(folder, "expected", "vcards*.json"))
	require.NoError(t, err)
	var expected []expectedFile
	for _, name := range counts {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		var some struct {
			Files []expectedFile `json:"files"`
		}
		require.NoError(t, json.Unmarshal(text, &some))
		expected = append(expected, some.Files...)
	}
	files, err := filepath.Glob(filepath.Join(folder, "contacts", "vcards", "*", "*.vcf"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), len(expected))
	t.Logf("%-46s %8s %8s %6s %6s %6s %9s", "file", "expected", "found", "broken", "phones", "e-mail", "addresses")
	for _, name := range files {
		file := strings.TrimPrefix(filepath.ToSlash(name), filepath.ToSlash(folder)+"/contacts/")
		at := slices.IndexFunc(expected, func(f expectedFile) bool { return f.File == file })
		cards, wanted := readFile(t, name), "-"
		if at >= 0 {
			wanted = strconv.Itoa(expected[at].Cards)
		}
		var broken, phones, emails, addresses int
		for _, card := range cards {
			phones, emails, addresses = phones+len(card.Phones), emails+len(card.Emails), addresses+len(card.Addresses)
			if card.Err != nil {
				broken++
			}
		}
		t.Logf("%-46s %8s %8d %6d %6d %6d %9d", strings.TrimPrefix(file, "vcards/"), wanted, len(cards), broken, phones, emails, addresses)
		t.Run(file, func(t *testing.T) {
			for _, card := range cards {
				if card.Err == nil && card.DisplayName() != "" {
					comesBack(t, card)
				}
			}
			if at < 0 {
				return
			}
			require.Len(t, cards, expected[at].Cards)
			for i, contact := range expected[at].Contacts {
				compare(t, contact, cards[i])
			}
		})
	}
}

// disputed are names that were read otherwise elsewhere, where we are right: in a
// quoted-printable value, an = at the end of a line is a soft line break and never a
// part of the text (RFC 2045, 6.7, rule 5), folded once more or not.
var disputed = map[string]string{"mynameisveryveryveryveryveryvery=long": "mynameisveryveryveryveryveryverylong"}

func compare(t *testing.T, want expectedContact, card vcard.Card) {
	require.NoError(t, card.Err)
	// The counts are of values with their escapes, which the card has not.
	plain := strings.NewReplacer(`\,`, ",", `\;`, ";", `\\`, `\`)
	require.Equal(t, plain.Replace(want.FN), card.FormattedName)
	n := card.Name
	if d, ok := disputed[want.N]; ok {
		want.N = d
	}
	require.Equal(t, strings.TrimRight(want.N, ";"), strings.TrimRight(strings.Join([]string{n.Family, n.Given, n.Additional, n.Prefix, n.Suffix}, ";"), ";"))
	require.Equal(t, strings.TrimRight(want.Org, ";"), strings.Join(append([]string{card.Organization}, card.Units...), ";"))
	require.Equal(t, want.Version, card.Version)
	require.Len(t, card.Phones, want.Tel)
	require.Len(t, card.Emails, want.Email)
	require.Len(t, card.Addresses, want.Adr)
	require.Len(t, card.Photos, want.Photo)
}

// comesBack proves that a card that was read is written so that it says the same.
func comesBack(t *testing.T, card vcard.Card) {
	card.FormattedName = card.DisplayName()
	var b bytes.Buffer
	require.NoError(t, vcard.Write(&b, card))
	card.Line, card.Version = 1, "3.0"
	again := readAll(t, &b)
	require.Len(t, again, 1)
	require.True(t, assert.ObjectsAreEqual(card, again[0]), "%s", card.DisplayName()) // pictures are too long to show
}

func readFile(t *testing.T, name string) []vcard.Card {
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	return readAll(t, f)
}
