package settings

import (
	"github.com/kehucrm/kehu/storage/query"
	"github.com/kehucrm/kehu/storage/schema"
)

// Part is a part that people have in a company, for which the library has views (不同角色
// 关注列表). It is no role: a company names its roles itself and gives them views.
type Part string

// The parts.
const (
	GeneralManager Part = "general manager"
	Director       Part = "director"
	BranchDirector Part = "branch director"
	Salesperson    Part = "salesperson"
	OrderAssistant Part = "order assistant"
)

// Parts returns all parts.
func Parts() []Part {
	return []Part{GeneralManager, Director, BranchDirector, Salesperson, OrderAssistant}
}

// DefaultView is a view that the library has for a part, not stored yet. Its Name is empty: it
// is the Label in the language of whoever gives it.
type DefaultView struct {
	View
	Label Label
}

// DefaultViews returns the views for a part; none for an unknown one.
func DefaultViews(p Part) []DefaultView {
	var (
		opportunity = []string{"name", "customer.name", "amount", "expected_close", "owner.name"}
		closed      = []string{"name", "customer.name", "amount", "closed_on", "reason", "owner.name"}
		customer    = []string{"name", "status", "industry", "phone", "owner.name"}
		open        = query.Eq("state", "open")
		mine        = query.Eq("owner_id", "@me")
		ours        = query.Eq("department_id", "@my_department")
	)
	won := func(since string) query.Expr {
		return query.All(query.Eq("state", "won"), query.Ge("closed_on", since))
	}
	lost := func(since string) query.Expr {
		return query.All(query.Eq("state", "lost"), query.Ge("closed_on", since))
	}
	switch p {
	case GeneralManager:
		return []DefaultView{
			view(Label{"Won this year", "本年赢单"}, "opportunity", won("@year"), "-closed_on", closed),
			view(Label{"Lost this quarter", "本季度输单"}, "opportunity", lost("@quarter"), "-closed_on", closed),
			view(Label{"Open opportunities, largest first", "未结商机（按金额）"}, "opportunity", open, "-amount", opportunity),
		}
	case Director:
		return []DefaultView{
			view(Label{"Won this quarter", "本季度赢单"}, "opportunity", won("@quarter"), "-closed_on", closed),
			view(Label{"Lost this quarter", "本季度输单"}, "opportunity", lost("@quarter"), "-closed_on", closed),
			view(Label{"Overdue: expected to close before today", "逾期未结商机"}, "opportunity", query.All(open, query.Lt("expected_close", "@today")), "expected_close", opportunity),
			view(Label{"New customers this week", "本周新增客户"}, "customer", query.Ge("created_at", "@week"), "-created_at", customer),
		}
	case BranchDirector:
		return []DefaultView{
			view(Label{"Open opportunities of my department", "本部门未结商机"}, "opportunity", query.All(open, ours), "expected_close", opportunity),
			view(Label{"Won by my department this month", "本部门本月赢单"}, "opportunity", query.All(won("@month"), ours), "-closed_on", closed),
			view(Label{"New customers of my department this month", "本部门本月新增客户"}, "customer", query.All(query.Ge("created_at", "@month"), ours), "-created_at", customer),
		}
	case Salesperson:
		return []DefaultView{
			view(Label{"My open opportunities", "我的未结商机"}, "opportunity", query.All(open, mine), "expected_close", opportunity),
			view(Label{"To close this month", "本月预计成交"}, "opportunity", query.All(open, mine, query.Lt("expected_close", "@month+1")), "expected_close", opportunity),
			view(Label{"My customers", "我的客户"}, "customer", mine, "-created_at", customer),
		}
	case OrderAssistant:
		return []DefaultView{
			view(Label{"Trading customers", "交易客户"}, "customer", query.Eq("status", "trading"), "-created_at", customer),
			view(Label{"Won this week", "本周赢单"}, "opportunity", won("@week"), "-closed_on", closed),
		}
	}
	return nil
}

func view(label Label, kind string, where query.Expr, sort string, columns []string) DefaultView {
	raw, err := query.Select{Where: where, Sort: query.By(sort)}.MarshalJSON()
	if err != nil {
		return DefaultView{View{Kind: kind}, label} // not with conditions like those above; a test holds it
	}
	return DefaultView{View{Kind: kind, Query: schema.JSON(raw), Columns: columns}, label}
}
