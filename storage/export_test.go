package storage

import (
	"encoding/base64"

	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// ForgeCursor returns a cursor of a query whose sum is right, around any payload.
func (t *Tenant) ForgeCursor(k *schema.Kind, q query.Select, payload []byte) (string, error) {
	resolved, err := query.ResolveSelect(k, q)
	if err != nil {
		return "", err
	}
	sum, err := cursorSum(t.name, k, &resolved, payload)
	return base64.RawURLEncoding.EncodeToString(append(sum, payload...)), err
}
