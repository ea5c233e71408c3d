package privacy

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/storage"
	"github.com/kehucrm/kehu/storage/fault"
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Key is something by which a person is known again.
type Key struct {
	// Kind says what it is. Keys of one kind mean the same in all records, whatever field they
	// are made of.
	Kind KeyKind
	// Value is the normal form: two spellings of the same are one. An empty one is no key.
	Value string
	// Field is the field that it is made of, for errors.
	Field string
	// Weak keys are kept of a person who has no other.
	Weak bool
}

// KeyKind says what a key is.
type KeyKind string

// The kinds of keys that the library makes; a host may have others.
const (
	Email           KeyKind = "email"
	Phone           KeyKind = "phone"
	WeChat          KeyKind = "wechat"
	NameAndBirthday KeyKind = "name_birthday"
	NameAt          KeyKind = "name_at" // a name at a customer
)

// without returns the keys that are in a and not in b.
func without(a, b []Key) []Key {
	return slices.DeleteFunc(slices.Clone(a), func(k Key) bool {
		return k.Value == "" || slices.ContainsFunc(b, func(other Key) bool { return k.Kind == other.Kind && k.Value == other.Value })
	})
}

// strongest returns the keys without the weak ones, or those where there are no others.
func strongest(keys []Key) []Key {
	strong := slices.DeleteFunc(slices.Clone(keys), func(k Key) bool { return k.Weak })
	if len(strong) == 0 {
		return keys
	}
	return strong
}

// ErasedKey is a key of somebody who was erased, as a hash.
type ErasedKey struct {
	ID        schema.ID // from erasure and hash
	ErasureID schema.ID `crm:"erasure_id,required"`
	// Hash is an HMAC-SHA256 over tenant, kind of key and normal form, under the host's
	// secret, in hexadecimal.
	Hash string `crm:"hash,max=64"`
}

// Keys is the kind of ErasedKey.
var Keys = schema.Define[ErasedKey]("erased_key", schema.IndexOn("hash"), schema.BelongsTo("erasure", "erasure", "erasure_id"))

// hash returns a key as it is stored.
func (r Rules) hash(tenant string, k Key) string {
	h := hmac.New(sha256.New, r.Secret)
	h.Write([]byte(tenant + "\x00" + string(k.Kind) + "\x00" + k.Value))
	return hex.EncodeToString(h.Sum(nil))
}

// keep stores the keys of an erasure, each once.
func (r Rules) keep(ctx context.Context, s *session.Session, erasure schema.ID, keys []Key) error {
	var rows []*ErasedKey
	var seen []string
	for _, k := range keys {
		hash := r.hash(s.Tenant().Name(), k)
		if slices.Contains(seen, hash) {
			continue
		}
		seen = append(seen, hash)
		rows = append(rows, &ErasedKey{ID: schema.NameID("erased_key", erasure.String(), hash), ErasureID: erasure, Hash: hash})
	}
	return storage.Of(s.Tenant(), Keys).Insert(ctx, rows...)
}

// refuse is Precondition for keys of somebody who was erased. It holds as of the erasures
// that were committed when it asks: who is stored while they are being erased elsewhere was
// stored before.
func (r Rules) refuse(ctx context.Context, s *session.Session, kind string, keys []Key) error {
	known := make(map[string]Key, len(keys))
	var hashes []string
	for _, k := range keys {
		hash := r.hash(s.Tenant().Name(), k)
		if _, twice := known[hash]; !twice {
			known[hash], hashes = k, append(hashes, hash)
		}
	}
	for some := range slices.Chunk(hashes, query.MaxValues) {
		found, err := storage.Of(s.Tenant(), Keys).Find(ctx, query.Select{Where: query.In("hash", some...), Sort: query.By("id"), Limit: query.MaxLimit})
		if err != nil {
			return err
		}
		if len(found.Items) == 0 {
			continue
		}
		e := &fault.Error{Code: fault.Precondition, Kind: kind, Message: "this person was erased, and stays so until they are readmitted"}
		for _, one := range found.Items {
			f := fault.Field{Name: known[one.Hash].Field, Code: "erased", Message: "is that of a person who was erased"}
			if !slices.Contains(e.Fields, f) {
				e.Fields = append(e.Fields, f)
			}
		}
		return e
	}
	return nil
}
