package pinyin_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	library "github.com/mozillazg/go-pinyin"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/kehucrm/kehu/storage/schema"
	"github.com/kehucrm/kehu/storage/search/pinyin"
)

func TestFull(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"", ""},
		{"华为技术有限公司", "hua wei ji shu you xian gong si"},
		{"華為技術有限公司", "hua wei ji shu you xian gong si"},
		{"Microsoft 中国", "microsoft zhong guo"},
		{"ＡＢＣ科技（３６０）", "abc ke ji 360"},
		{"Café 咖啡", "cafe ka fei"},
		{"７-Eleven便利店", "7eleven bian li dian"},
		{"吕梁", "lv liang"},
		{"Lüneburg", "luneburg"},
		{"㈱日立", "zhu ri li"},
		{"〇", "ling"},
		{"𠮷野家", "ji ye jia"},
		{"кириллица かな 한글 !?", ""},
		{"a\xff华\x00b", "ahuab"},

		// Places.
		{"重庆市", "chong qing shi"}, {"重慶市", "chong qing shi"}, {"厦门", "xia men"}, {"廈門", "xia men"},
		{"长沙", "chang sha"}, {"長沙", "chang sha"}, {"成都", "cheng du"}, {"乐山", "le shan"}, {"乐清", "yue qing"},
		{"乐亭", "lao ting"}, {"六安", "lu an"}, {"南京六合区", "nan jing lu he qu"}, {"蚌埠", "beng bu"}, {"番禺", "pan yu"},
		{"佛山", "fo shan"}, {"东莞", "dong guan"}, {"单县", "shan xian"}, {"蔚县", "yu xian"}, {"西藏", "xi zang"},
		{"大城县", "dai cheng xian"}, {"盖州市", "gai zhou shi"}, {"喀什", "ka shi"}, {"珲春", "hun chun"}, {"大埔", "da bu"},
		{"柏林", "bo lin"}, {"会稽", "kuai ji"}, {"鸭绿江", "ya lu jiang"}, {"什邡", "shi fang"}, {"东阿", "dong e"},
		{"上海市长宁区", "shang hai shi chang ning qu"}, {"重庆市长寿区", "chong qing shi chang shou qu"},

		// Companies.
		{"中国银行", "zhong guo yin hang"}, {"中國銀行", "zhong guo yin hang"}, {"兴业银行上海分行", "xing ye yin hang shang hai fen hang"},
		{"行业协会", "hang ye xie hui"}, {"旅行社", "lv xing she"}, {"自行车", "zi xing che"}, {"中行者", "zhong xing zhe"},
		{"三一重工", "san yi zhong gong"}, {"中国重汽", "zhong guo zhong qi"}, {"重组", "chong zu"},
		{"长城汽车", "chang cheng qi che"}, {"長城汽車", "chang cheng qi che"}, {"长安", "chang an"}, {"成长基金", "cheng zhang ji jin"},
		{"集团长沙公司", "ji tuan chang sha gong si"}, {"董事长", "dong shi zhang"},
		{"会计师事务所", "kuai ji shi shi wu suo"}, {"协会计划部", "xie hui ji hua bu"}, {"工会", "gong hui"},
		{"乐器厂", "yue qi chang"}, {"游乐器材", "you le qi cai"}, {"音乐", "yin yue"}, {"快乐", "kuai le"},
		{"空调研究院", "kong tiao yan jiu yuan"}, {"市场调研", "shi chang diao yan"}, {"調味品", "tiao wei pin"},
		{"人参", "ren shen"}, {"人参与", "ren can yu"}, {"参差", "cen ci"}, {"精密模具", "jing mi mu ju"}, {"模型", "mo xing"},
		{"弹簧", "tan huang"}, {"导弹", "dao dan"}, {"薄膜", "bo mo"}, {"给排水", "ji pai shui"}, {"校准", "jiao zhun"},
		{"冷轧", "leng zha"}, {"轧花厂", "ya hua chang"}, {"畜牧", "xu mu"}, {"切削", "qie xiao"}, {"錦綉", "jin xiu"},
		{"便宜", "pian yi"}, {"出差", "chu chai"}, {"执着", "zhi zhuo"}, {"沉没", "chen mo"}, {"湖泊", "hu po"}, {"泊车", "bo che"},

		// People.
		{"单晓明", "shan xiao ming"}, {"單曉明", "shan xiao ming"}, {"单　明", "shan ming"}, {"单位", "dan wei"}, {"单片机", "dan pian ji"},
		{"曾国藩", "zeng guo fan"}, {"曾经", "ceng jing"}, {"解晓东", "xie xiao dong"}, {"解放军", "jie fang jun"}, {"解", "jie"},
		{"仇和", "qiu he"}, {"区伯", "ou bo"}, {"李查德", "li cha de"}, {"區塊", "qu kuai"}, {"查良镛", "zha liang yong"}, {"查询", "cha xun"}, {"查干湖", "cha gan hu"},
		{"盖叫天", "ge jiao tian"}, {"盖茨", "gai ci"}, {"种师道", "chong shi dao"}, {"种子", "zhong zi"}, {"员半千", "yun ban qian"}, {"员工", "yuan gong"},
		{"朴志训", "piao zhi xun"}, {"朴素", "pu su"}, {"尉迟恭", "yu chi gong"}, {"尉遲恭", "yu chi gong"}, {"万俟卨", "mo qi xie"},
		{"单于", "chan yu"}, {"澹台灭明", "tan tai mie ming"}, {"长孙无忌", "zhang sun wu ji"}, {"覃辉", "qin hui"}, {"缪建民", "miao jian min"},
		{"翟天临", "zhai tian lin"}, {"阚清子", "kan qing zi"}, {"卜凡", "bu fan"}, {"李晟", "li sheng"}, {"王珩", "wang heng"},
		{"解放路单家集", "jie fang lu dan jia ji"}, // no person
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, strings.ReplaceAll(c.want, " ", ""), pinyin.Full(c.name))
		})
	}
}

func TestInitials(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"", ""},
		{"华为技术有限公司", "hwjsyxgs"},
		{"重庆长安汽车股份有限公司", "cqcaqcgfyxgs"},
		{"Microsoft（中国）有限公司", "microsoftzgyxgs"},
		{"360 企业安全", "360qyaq"},
		{"单晓明", "sxm"},
		{"银行", "yh"},
		{"人　参", "rs"},
		{"二氧化碳 CO₂", "eyhtco2"},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, pinyin.Initials(c.name)) })
	}
}

// texts draws texts of all scripts, and often the characters of names.
var texts = rapid.StringOf(rapid.OneOf(
	rapid.RuneFrom([]rune("华为重庆长安银行业单曾解查区乐器游会计划市江参与大城县 ABab12　ａ１·（）é")),
	rapid.RuneFrom(nil, unicode.Han),
	rapid.Rune(),
))

// requirePromises holds what the package promises for any text.
func requirePromises(t require.TestingT, s string) {
	full, initials := pinyin.Full(s), pinyin.Initials(s)
	require.Equal(t, full, pinyin.Full(s), "deterministic")
	require.Empty(t, strings.Trim(full+initials, "abcdefghijklmnopqrstuvwxyz0123456789"))
	require.LessOrEqual(t, len(full), pinyin.MaxLength)
	require.LessOrEqual(t, len(initials), pinyin.MaxLength)

	// Latin is itself.
	for _, typed := range []string{full, strings.ToUpper(full), initials} {
		require.Equal(t, strings.ToLower(typed), pinyin.Full(typed))
		require.Equal(t, strings.ToLower(typed), pinyin.Initials(typed))
	}
	// One by one: the initials are among the letters of the whole, in their order.
	rest := full
	for _, c := range initials {
		at := strings.IndexRune(rest, c)
		if at < 0 && len(full) > pinyin.MaxLength-10 {
			return // the full spelling is cut
		}
		require.GreaterOrEqual(t, at, 0, "%q of %q is not in %q", c, initials, full)
		rest = rest[at+1:]
	}
}

func TestPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := texts.Draw(t, "text")
		requirePromises(t, s)
		requirePromises(t, string([]byte(s)[:rapid.IntRange(0, len(s)).Draw(t, "cut")]))

		// Nothing else counts.
		at := rapid.IntRange(0, utf8.RuneCountInString(s)).Draw(t, "at")
		runes := []rune(s)
		between := string(runes[:at]) + rapid.SampledFrom([]string{" ", "　", "·", "（", "-", "!", "я", "\x00", "\xff"}).Draw(t, "between") + string(runes[at:])
		if schema.Fold(string(runes[:at]))+schema.Fold(string(runes[at:])) == schema.Fold(s) { // no mark is parted from its letter
			require.Equal(t, pinyin.Full(s), pinyin.Full(between))
			require.Equal(t, pinyin.Initials(s), pinyin.Initials(between))
		}
	})
}

// TestLength holds that a long text is cut after a whole syllable, and that the
// beginning is the same as that of a shorter one.
func TestLength(t *testing.T) {
	long := strings.Repeat("庄", 10_000) // zhuang, the longest syllable
	require.Equal(t, strings.Repeat("zhuang", pinyin.MaxLength/6), pinyin.Full(long))
	require.Equal(t, strings.Repeat("z", pinyin.MaxLength), pinyin.Initials(long))
	require.Equal(t, strings.Repeat("a", pinyin.MaxLength), pinyin.Full(strings.Repeat(" A", 100_000)))

	almost := strings.Repeat("a", pinyin.MaxLength-1)
	require.Equal(t, almost+"c", pinyin.Initials(almost+"重庆"), "the last is read with what follows")
}

// TestEveryCharacter holds that each character of the dictionary has a syllable of
// Latin letters, and that Initials has the first of them.
func TestEveryCharacter(t *testing.T) {
	for r := range library.PinyinDict {
		s := string(rune(r))
		full := pinyin.Full(s)
		require.NotEmpty(t, full, s)
		require.LessOrEqual(t, len(full), 6, s)
		require.Equal(t, full[:1], pinyin.Initials(s), s)
	}
}

func FuzzPromises(f *testing.F) {
	for _, s := range []string{"华为技术有限公司", "重慶長安", "单　明", "ＡＢＣ科技\xff", "游乐器材"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { requirePromises(t, s) })
}

func BenchmarkFull(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		pinyin.Full("重庆长安汽车股份有限公司")
	}
}
