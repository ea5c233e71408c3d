package sheet_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/crm/sheet"
)

func TestDefuse(t *testing.T) {
	for cell, want := range map[string]string{
		"":                      "",
		"华为":                    "华为",
		"=1+1":                  "'=1+1",
		"+86 755":               "'+86 755",
		"+8675528780808":        "'+8675528780808",
		"-":                     "'-",
		"-5":                    "-5",
		"-12.50":                "-12.50",
		"-5 pieces":             "'-5 pieces",
		"-1e5":                  "'-1e5",
		"--5":                   "'--5",
		"-.5":                   "'-.5",
		"-5.":                   "'-5.",
		"@SUM(A1)":              "'@SUM(A1)",
		"\t=1":                  "'\t=1",
		"\r=1":                  "'\r=1",
		"\n=1":                  "'\n=1",
		"＝1+1":                  "'＝1+1",
		"－5":                    "'－5",
		"5-":                    "5-",
		" =1":                   " =1",
		"'":                     "'",
		"'s-Hertogenbosch":      "'s-Hertogenbosch",
		"'=1":                   "''=1",
		"''-5":                  "'''-5",
		"=cmd|'/C calc'!A0":     "'=cmd|'/C calc'!A0",
		"-2+3+cmd|' /C'!A0":     "'-2+3+cmd|' /C'!A0",
		"1+1":                   "1+1",
		"mail@example.com":      "mail@example.com",
		"-٣":                    "'-٣",
		"-" + "1\n=HYPERLINK()": "'-1\n=HYPERLINK()",
	} {
		require.Equal(t, want, sheet.Defuse(cell), "%q", cell)
		require.Equal(t, cell, sheet.Undefuse(want), "%q", cell)
	}
	require.Equal(t, "+86 755", sheet.Undefuse("'+86 755"), "as others write it")
}

func TestDefuseProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("'=-+@\t5.a")))).Draw(t, "cell")
		out := sheet.Defuse(cell)
		require.Equal(t, cell, sheet.Undefuse(out), "nothing is lost")
		if out != "" && strings.ContainsAny(out[:1], "=+-@\t\r\n") {
			require.True(t, sheet.IsNumber(out), "only a number begins like a formula: %q", out)
		}
	})
}
