package pdf

import (
	"encoding/binary"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// small returns a font without glyphs that says it has these ranges of characters, the
// first by an offset to its glyphs, the second by a list of them.
func small(first, second [2]uint16) []byte {
	u16 := func(values ...uint16) []byte {
		var b []byte
		for _, v := range values {
			b = binary.BigEndian.AppendUint16(b, v)
		}
		return b
	}
	const segments = 3
	subtable := u16(4, 0, 0, 2*segments, 0, 0, 0)
	subtable = append(subtable, u16(first[1], second[1], 0xFFFF, 0)...)
	subtable = append(subtable, u16(first[0], second[0], 0xFFFF)...)
	subtable = append(subtable, u16(5-first[0], 7, 1)...)
	subtable = append(subtable, u16(0, 4, 0)...) // the list stands two numbers further on
	for c := second[0]; c <= second[1]; c++ {
		subtable = append(subtable, u16((c-second[0])%2)...) // every other one
	}
	cmap := append(u16(0, 2, 1, 0, 0, 0), u16(3, 1, 0, 20)...)
	cmap = append(cmap, subtable...)
	names := []string{"OS/2", "cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post"}
	file := append([]byte{0, 1, 0, 0}, u16(uint16(len(names)), 0, 0, 0)...)
	for _, name := range names {
		file = append(file, name...)
		file = binary.BigEndian.AppendUint32(file, 0)
		file = binary.BigEndian.AppendUint32(file, uint32(12+16*len(names)))
		file = binary.BigEndian.AppendUint32(file, uint32(len(cmap)))
	}
	return append(file, cmap...)
}

func TestLetters(t *testing.T) {
	l, err := parseFont(small([2]uint16{'a', 'z'}, [2]uint16{'一', '一' + 5}))
	require.NoError(t, err)
	for r, want := range map[rune]bool{
		0: false, '`': false, 'a': true, 'm': true, 'z': true, '{': false,
		'一' - 1: false, '一': false, '一' + 1: true, '一' + 2: false, '一' + 5: true, '一' + 6: false, 0xFFFF: false, '𠮷': false,
	} {
		require.Equal(t, want, l.has(r), "%q", r)
	}
}

func TestLettersOfChineseFont(t *testing.T) {
	file, err := os.ReadFile("/usr/share/fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf")
	if err != nil {
		t.Skip("no font to look at: install fonts-lxgw-wenkai")
	}
	l, err := parseFont(file)
	require.NoError(t, err)
	for _, r := range "华为技术有限公司Aß é1（）〓ひ" {
		require.True(t, l.has(r), "%q", r)
	}
	for _, r := range "\u0001😀𠮷\uE123" {
		require.False(t, l.has(r), "%q", r)
	}
}

// A font that anybody has made makes no panic.
func FuzzFont(f *testing.F) {
	good := small([2]uint16{'a', 'z'}, [2]uint16{'一', '一' + 5})
	f.Add(good, 'b')
	f.Add(good[:len(good)-40], '一')
	f.Add([]byte("OTTO"), 'a')
	f.Fuzz(func(t *testing.T, file []byte, r rune) {
		if l, err := parseFont(file); err == nil {
			l.has(r)
		}
	})
}
