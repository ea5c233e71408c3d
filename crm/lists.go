package crm

import (
	"slices"

	"github.com/kehucrm/kehu/crm/admin"
	"github.com/kehucrm/kehu/crm/catalog"
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/customer"
	"github.com/kehucrm/kehu/customer/match"
)

// lists returns what lists may bring: what the modules offer, and what stands below package
// exchange and can't offer anything.
func lists(m *match.Matcher) []exchange.Target {
	name := func(field, en, zh string, also ...string) exchange.Column {
		return exchange.Column{Field: field, Label: settings.Label{EN: en, ZH: zh}, Also: also}
	}
	products := exchange.Of(catalog.Products, settings.Label{EN: "Product", ZH: "产品"}, exchange.Columns(
		name("name", "Name", "产品名称", "Product", "Product name", "产品", "名称"),
		name("code", "Code", "产品编码", "Product code", "Product id", "SKU", "编码"),
		name("series", "Series", "系列", "Product line", "产品系列"),
		name("list_price", "List price", "标准价格", "Price", "Unit price", "价格", "单价")))
	return slices.Concat(customer.Lists(m), admin.Lists(), []exchange.Target{products})
}
