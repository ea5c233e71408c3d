package pdf

import (
	"encoding/binary"
	"sort"

	"github.com/kehucrm/kehu/storage/fault"
)

// table is a part of a TrueType file. What lies beyond its end is zero.
type table []byte

func (t table) u16(at int) int {
	if at < 0 || at+2 > len(t) {
		return 0
	}
	return int(binary.BigEndian.Uint16(t[at:]))
}

func (t table) u32(at int) int { return t.u16(at)<<16 | t.u16(at+2) }

func (t table) from(at int) table {
	if at < 0 || at > len(t) {
		return nil
	}
	return t[at:]
}

// letters says which letters a font has: its cmap table in format 4, which is the one
// that fpdf reads. It knows the first 65,536 characters of Unicode.
type letters struct {
	table
	segments int
}

// parseFont finds the letters of a font. What it refuses, fpdf would panic at, or print
// a complaint about.
func parseFont(file table) (letters, error) {
	if version := file.u32(0); version != 0x00010000 && version != 0x74727565 {
		return letters{}, fault.InvalidField("font", "format", "no TrueType font (.ttf)")
	}
	tables := map[string]table{}
	for i := range file.u16(4) {
		record := file.from(12 + 16*i)
		if content := file.from(record.u32(8)); len(record) >= 16 && len(content) >= record.u32(12) {
			tables[string(record[:4])] = content[:record.u32(12)]
		}
	}
	for _, name := range []string{"OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post"} {
		if tables[name] == nil {
			return letters{}, fault.InvalidField("font", "format", "the font has no table %s", name)
		}
	}
	cmap := tables["cmap"]
	for i := range cmap.u16(2) {
		record := cmap.from(4 + 8*i)
		platform, encoding, subtable := record.u16(0), record.u16(2), cmap.from(record.u32(4))
		if (platform == 0 || platform == 3 && encoding == 1) && subtable.u16(0) == 4 {
			return letters{subtable, subtable.u16(6) / 2}, nil
		}
	}
	return letters{}, fault.InvalidField("font", "format", "the font does not know Unicode")
}

// has reports whether the font has a character. The four arrays of the table hold, for
// each segment, its last character, its first one, and two ways to its glyphs.
func (l letters) has(r rune) bool {
	if r > 0xFFFF {
		return false
	}
	last, first, delta, offset := 14, 16+2*l.segments, 16+4*l.segments, 16+6*l.segments
	i := sort.Search(l.segments, func(i int) bool { return l.u16(last+2*i) >= int(r) })
	start := l.u16(first + 2*i)
	if i == l.segments || start > int(r) {
		return false
	}
	if l.u16(offset+2*i) == 0 {
		return (int(r)+l.u16(delta+2*i))&0xFFFF != 0
	}
	return l.u16(offset+2*i+l.u16(offset+2*i)+2*(int(r)-start)) != 0
}
