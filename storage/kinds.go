package storage

import "github.com/kehucrm/kehu/storage/schema"

// Kinds is a registry, made ready for records to be stored by it. It is immutable and
// safe for concurrent use.
type Kinds struct {
	registry *schema.Registry
	codecs   map[string]*codec // by the kind's name
}

// NewKinds makes a registry ready. It takes some time for each kind: keep the result.
func NewKinds(r *schema.Registry) *Kinds {
	kinds := &Kinds{registry: r, codecs: make(map[string]*codec, len(r.Kinds()))}
	for _, k := range r.Kinds() {
		kinds.codecs[k.Name()] = newCodec(k)
	}
	return kinds
}

// Registry returns the kinds themselves.
func (k *Kinds) Registry() *schema.Registry { return k.registry }

// With returns the handle with other kinds, in the same place: those of its database,
// with custom fields that the tenant has declared besides (schema.Registry.Extend).
func (t *Tenant) With(k *Kinds) *Tenant {
	own := *t
	own.kinds = k
	return &own
}

// Registry returns the kinds as the handle sees them.
func (t *Tenant) Registry() *schema.Registry { return t.kinds.registry }
