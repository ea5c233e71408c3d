package driver_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/storage/driver"
)

// plain is a backend with nothing beneath.
type plain struct{ driver.Backend }

// around is a decorator, and hides whatever else the backend beneath is.
type around struct{ driver.Backend }

func (d around) Beneath() driver.Backend       { return d.Backend }
func (d around) Around(tx driver.Tx) driver.Tx { return tx }

// opaque wraps a backend without being a Decorator.
type opaque struct{ driver.Backend }

func TestFind(t *testing.T) {
	own := &plain{}
	for name, b := range map[string]driver.Backend{"itself": own, "beneath one": around{own}, "beneath two": &around{around{own}}} {
		found, ok := driver.Find[*plain](b)
		require.True(t, ok, name)
		require.Same(t, own, found, name)
	}
	for name, b := range map[string]driver.Backend{"nothing": nil, "another type": around{plain{}}, "behind what is no decorator": around{opaque{own}}} {
		found, ok := driver.Find[*plain](b)
		require.False(t, ok, name)
		require.Nil(t, found, name)
	}
	outermost, ok := driver.Find[driver.Decorator](around{around{own}})
	require.True(t, ok)
	require.Equal(t, around{around{own}}, outermost)
}
