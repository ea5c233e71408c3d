package crm_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/kehucrm/kehu/crm"
	"github.com/kehucrm/kehu/crm/session"
)

var (
	searchCustomers = flag.Int("search.customers", 2000, "number of customers in BenchmarkSearch")
	searchCalls     = flag.Int("search.calls", 20, "number of texts of each sort in BenchmarkSearch")
)

// BenchmarkSearch finds customers as somebody types, as people of all ranks: ms is the
// median and p99-ms the worst but one of a hundred.
//
//	go test -run '^$' -bench Search -benchtime 1x -timeout 1h ./crm -search.customers 1000000 -search.calls 100
func BenchmarkSearch(b *testing.B) {
	for _, d := range databases {
		b.Run(d.name, func(b *testing.B) {
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			c := newCompany()
			p := d.settled(ctx, b, c, *searchCustomers)
			admin, err := p.app.System("benchmark")
			require.NoError(b, err)
			for _, sort := range typedTexts {
				for _, person := range []struct {
					name string
					s    *crm.Session
				}{{"agent", p.as(ctx, b, c.agent)}, {"manager", p.as(ctx, b, c.manager)}, {"director", p.as(ctx, b, c.director)}, {"small-director", p.as(ctx, b, c.deputy)}, {"admin", admin}} {
					b.Run(sort.name+"-"+person.name, func(b *testing.B) { measureSearch(ctx, b, person.s, sort.text) })
				}
			}
		})
	}
}

func measureSearch(ctx context.Context, b *testing.B, s *crm.Session, text func(g *rand.Rand) string) {
	b.Helper()
	for b.Loop() {
		g := rand.New(rand.NewPCG(2, 0))
		took := make([]time.Duration, *searchCalls)
		hits := 0
		for i := range took {
			typed := text(g)
			start := time.Now()
			found, err := s.Search(ctx, session.SearchQuery{Text: typed, Kinds: []string{"customer"}})
			took[i] = time.Since(start)
			require.NoError(b, err)
			hits += len(found)
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms")
		b.ReportMetric(float64(took[max(0, len(took)-1-len(took)/100)].Microseconds())/1000, "p99-ms")
		b.ReportMetric(float64(hits)/float64(len(took)), "hits")
	}
	b.ReportMetric(0, "ns/op") // of all texts together: says nothing
}

// typedTexts are the sorts of text of PERFORMANCE.md.
var typedTexts = []struct {
	name string
	text func(g *rand.Rand) string
}{
	{"rare-pair", trade},
	{"any-pair", func(g *rand.Rand) string { return pick(g, tradeFirst) + pick(g, tradeSecond) }},
	{"four-chinese", func(g *rand.Rand) string { return trade(g) + pick(g, lines) }},
	{"common", func(g *rand.Rand) string {
		return pick(g, []string{"有限公司", "科技", "上海", "公司", "北京"})
	}},
	{"one-chinese", func(g *rand.Rand) string { return pick(g, []string{"上", "北", "广", "深"}) }},
	{"latin-3", func(g *rand.Rand) string { return strings.ToLower(latin(g)[:3]) }},
	{"latin-5", func(g *rand.Rand) string { return strings.ToLower(latin(g)[:5]) }},
	{"latin-common", func(g *rand.Rand) string { return pick(g, []string{"ltd", "tech", "com"}) }},
	{"pinyin-4", func(g *rand.Rand) string {
		return pick(g, []string{"sh", "bj", "gz", "sz"}) + string(rune('a'+g.IntN(26))) + string(rune('a'+g.IntN(26)))
	}},
	{"letter", func(g *rand.Rand) string { return string(rune('a' + g.IntN(26))) }},
	{"phone-4", func(g *rand.Rand) string { return fmt.Sprintf("%04d", g.IntN(10_000)) }},
	{"phone-6", func(g *rand.Rand) string { return fmt.Sprintf("%06d", g.IntN(1_000_000)) }},
}

// The names of customers: a place, a name of two characters, a line of business, a form;
// one of five is in Latin letters.
var (
	regions     = []string{"上海", "北京", "广州", "深圳", "杭州", "苏州", "重庆", "成都", "武汉", "南京", "", "", "", "", "", "", "", "", "", ""}
	tradeFirst  = strings.Split("华万东中金天海新大长恒宏鑫瑞泰永安嘉远盛德信和兴隆顺富源丰达明光辉腾飞龙凤麒鹏鸿雅美佳乐康健福禄寿喜", "")
	tradeSecond = strings.Split("为科方兴桥宇天源成达通联力创智慧博文思想辰星晨晖曦月阳春秋冬夏山川河江湖海洋林森木石玉珠宝银铜铁钢", "")
	lines       = []string{"科技", "科技", "科技", "贸易", "实业", "印刷", "机械", "电子", "食品", "医药", "物流", "建材"}
	forms       = []string{"有限公司", "有限公司", "有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司", "集团", "厂", "中心"}
	syllables   = strings.Split("ka lo mi ran dex tor vel qui bar sen gla pho nix ter mon dal fer gus hin jor kel lun mar nor pel rus sta tri ulm ver wes xan yor zed", " ")
)

func pick(g *rand.Rand, list []string) string { return list[g.IntN(len(list))] }

// trade is one of about 50,000 pairs of characters.
func trade(g *rand.Rand) string {
	return string(rune(0x4e00+g.IntN(230))) + string(rune(0x5300+g.IntN(230)))
}

func latin(g *rand.Rand) string {
	s := pick(g, syllables) + pick(g, syllables) + pick(g, syllables)
	return strings.ToUpper(s[:1]) + s[1:]
}

// called makes the name and short name of a customer.
func called(g *rand.Rand) (name, short string) {
	if g.IntN(5) == 0 {
		short = latin(g)
		return short + pick(g, []string{" Tech Ltd", " Ltd", " GmbH", " Inc", " Trading"}), short
	}
	short = trade(g)
	if g.IntN(2) == 0 {
		short = pick(g, tradeFirst) + pick(g, tradeSecond)
	}
	return pick(g, regions) + short + pick(g, lines) + pick(g, forms), short
}

// search is the type-ahead of BenchmarkGrowth: a rare text, a frequent one, and one that
// is somewhere in between.
func (g *grown) search(ctx context.Context, s *crm.Session, call int) error {
	rnd := rand.New(rand.NewPCG(uint64(call), 1))
	text := []string{trade(rnd), "科技", strings.ToLower(latin(rnd)[:4])}[call%3]
	_, err := s.Search(ctx, session.SearchQuery{Text: text, Kinds: []string{"customer"}})
	return err
}

func (g *grown) searchAgent(ctx context.Context, call int) error { return g.search(ctx, g.agent, call) }
func (g *grown) searchManager(ctx context.Context, call int) error {
	return g.search(ctx, g.manager, call)
}

func (g *grown) searchDirector(ctx context.Context, call int) error {
	return g.search(ctx, g.director, call)
}
