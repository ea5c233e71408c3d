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

// DefaultViews returns the views that the library has for a part, not stored yet, with names
// in a language, "zh" or else English; none for an unknown part. The order is the same in all.
func DefaultViews(p Part, language string) []View {
	views := defaultViews(p)
	if language != "zh" {
		return views
	}
	for i, v := range views {
		views[i].Name = chinese(v.Name)
	}
	return views
}

// chinese returns what people in China call a view of the library's.
func chinese(name string) string {
	switch name {
	case "Won this year":
		return "本年赢单"
	case "Lost this quarter":
		return "本季度输单"
	case "Open opportunities, largest first":
		return "未结商机（按金额）"
	case "Won this quarter":
		return "本季度赢单"
	case "Overdue: expected to close before today":
		return "逾期未结商机"
	case "New customers this week":
		return "本周新增客户"
	case "Open opportunities of my department":
		return "本部门未结商机"
	case "Won by my department this month":
		return "本部门本月赢单"
	case "New customers of my department this month":
		return "本部门本月新增客户"
	case "My open opportunities":
		return "我的未结商机"
	case "To close this month":
		return "本月预计成交"
	case "My customers":
		return "我的客户"
	case "Trading customers":
		return "交易客户"
	case "Won this week":
		return "本周赢单"
	}
	return name // a test holds that there is none
}

func defaultViews(p Part) []View {
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
		return []View{
			view("Won this year", "opportunity", won("@year"), "-closed_on", closed),
			view("Lost this quarter", "opportunity", lost("@quarter"), "-closed_on", closed),
			view("Open opportunities, largest first", "opportunity", open, "-amount", opportunity),
		}
	case Director:
		return []View{
			view("Won this quarter", "opportunity", won("@quarter"), "-closed_on", closed),
			view("Lost this quarter", "opportunity", lost("@quarter"), "-closed_on", closed),
			view("Overdue: expected to close before today", "opportunity", query.All(open, query.Lt("expected_close", "@today")), "expected_close", opportunity),
			view("New customers this week", "customer", query.Ge("created_at", "@week"), "-created_at", customer),
		}
	case BranchDirector:
		return []View{
			view("Open opportunities of my department", "opportunity", query.All(open, ours), "expected_close", opportunity),
			view("Won by my department this month", "opportunity", query.All(won("@month"), ours), "-closed_on", closed),
			view("New customers of my department this month", "customer", query.All(query.Ge("created_at", "@month"), ours), "-created_at", customer),
		}
	case Salesperson:
		return []View{
			view("My open opportunities", "opportunity", query.All(open, mine), "expected_close", opportunity),
			view("To close this month", "opportunity", query.All(open, mine, query.Lt("expected_close", "@month+1")), "expected_close", opportunity),
			view("My customers", "customer", mine, "-created_at", customer),
		}
	case OrderAssistant:
		return []View{
			view("Trading customers", "customer", query.Eq("status", "trading"), "-created_at", customer),
			view("Won this week", "opportunity", won("@week"), "-closed_on", closed),
		}
	}
	return nil
}

func view(name, kind string, where query.Expr, sort string, columns []string) View {
	raw, err := query.Select{Where: where, Sort: query.By(sort)}.MarshalJSON()
	if err != nil {
		return View{Name: name, Kind: kind} // not with conditions like those above; a test holds it
	}
	return View{Name: name, Kind: kind, Query: schema.JSON(raw), Columns: columns}
}
