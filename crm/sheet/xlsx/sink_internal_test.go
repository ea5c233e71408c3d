package xlsx

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm/sheet"
	"github.com/kehucrm/kehu/storage/fault"
)

// A sheet that is full takes no more rows; to fill one takes a while.
func TestFullSheet(t *testing.T) {
	s := newSink(io.Discard, Format{})
	require.NoError(t, s.Header([]sheet.Column{{Name: "a"}}))
	s.row = sheet.MaxRows - 1
	require.NoError(t, s.Write([]string{"the last"}))
	require.ErrorIs(t, s.Write([]string{"one more"}), fault.ErrInvalid)
	require.NoError(t, s.Close())
}
