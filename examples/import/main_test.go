package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheFair runs the program as it is, and on a file with a database.
func TestTheFair(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, options{target: "customer", key: "code"}))
	require.Contains(t, out.String(), "line 5, 客户类型: ")
	require.Regexp(t, `dry run +8 +3 +1 +0 +4\n`, out.String())
	require.Regexp(t, `imported +8 +3 +1 +0 +4\n`, out.String())
	require.Regexp(t, `corrected +4 +4 +0 +0 +0\n`, out.String())
	require.Regexp(t, `again +8 +0 +0 +`, out.String())

	folder := t.TempDir()
	file := filepath.Join(folder, "fair.csv")
	require.NoError(t, os.WriteFile(file, fair, 0o600))
	out.Reset()
	require.NoError(t, run(t.Context(), &out, options{file: file, db: filepath.Join(folder, "crm.db"), target: "customer", key: "code"}))
	errs, err := os.ReadFile(file + ".errors.csv")
	require.NoError(t, err)
	require.Equal(t, 5, strings.Count(string(errs), "\n"))
	require.Error(t, run(t.Context(), &out, options{file: file, target: "nothing", key: "code"}))
	require.Error(t, run(t.Context(), &out, options{file: file + "x", target: "customer", key: "code"}))
}

// TestTransformedLists runs the program on lists of well known forms, as files have them.
func TestTransformedLists(t *testing.T) {
	for name, test := range map[string]struct{ list, imported, errors string }{
		"retail.csv.gz": {"InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n536365,85123A,LAMP,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n" +
			"536365,71053,LANTERN,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom\nC536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,United Kingdom\n536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom\n",
			`imported +4 +2 +0 +1 +1\n`, "code,name,InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country,Problem\n,,536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom,code: the key is missing; name: name is a required field\n"},
		"employees.csv": {"employee_id,last_name,first_name,title,reports_to\n1,Davolio,Nancy,Sales,2\n2,Fuller,Andrew,Boss,\n3,,,Nobody,2\n4,Peacock,Margaret,Sales,9\n",
			`imported +4 +3 +0 +0 +2\n`, "code,name,manager,employee_id,last_name,first_name,title,reports_to,Problem\n3,,2,3,,,Nobody,2,name: name is a required field\n4,Margaret Peacock,9,4,Peacock,Margaret,Sales,9,manager: there is no such employee\n"},
		"customers.csv": {"customer_id,company_name,contact_name,contact_title,address,city,region,postal_code,country,phone,fax\nALFKI,Alfreds,Maria Anders,Owner,Obere Str. 57,Berlin,,12209,Germany,030,031\n",
			`imported +1 +1 +0 +0 +0\n`, ""},
	} {
		file := filepath.Join(t.TempDir(), name)
		text := []byte(test.list)
		if strings.HasSuffix(name, ".gz") {
			var zipped bytes.Buffer
			z := gzip.NewWriter(&zipped)
			_, err := z.Write(text)
			require.NoError(t, err)
			require.NoError(t, z.Close())
			text = zipped.Bytes()
		}
		require.NoError(t, os.WriteFile(file, text, 0o600))
		var out strings.Builder
		require.NoError(t, run(t.Context(), &out, options{file: file, errors: file + ".wrong", db: file + ".db", target: "customer", key: "code"}))
		require.Regexp(t, test.imported, out.String())
		require.Regexp(t, `again +\d+ +0 +0 +`, out.String())
		wrong, err := os.ReadFile(file + ".wrong")
		require.Equal(t, test.errors, string(wrong))
		if test.errors == "" {
			continue
		}
		require.NoError(t, err)
		mended := file + ".mended"
		require.NoError(t, os.WriteFile(mended, []byte(strings.NewReplacer("\n,,", "\n12345,Somebody,", "\n3,,", "\n3,Third,", ",9,", ",3,").Replace(test.errors)), 0o600))
		out.Reset()
		require.NoError(t, run(t.Context(), &out, options{file: mended, db: file + ".db"}))
		require.Regexp(t, `imported +\d +1 +\d +\d +0\n`, out.String(), "what was refused is not transformed once more")
	}
}
