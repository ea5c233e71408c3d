package customer

import (
	"context"

	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/customer/match"
	"github.com/kehucrm/kehu/storage/schema"
)

// Lists returns what lists may bring of this package: customers with a contact and an
// address in each line, contacts, and addresses. With a matcher, new customers are found to
// be there already where a rule warns or blocks.
func Lists(m *match.Matcher) []exchange.Target {
	customers := []exchange.Option{
		exchange.Columns(customerColumns()...), exchange.Without("state_reason", "pool_id", "pooled_at", "pool_reason", "quiet_since", "reserved_until", "taken_from_id"),
		exchange.With("contact", "name", exchange.Of(Contacts, named("Contact", "联系人"), exchange.Columns(contactColumns()...))),
		exchange.With("address", "kind", exchange.Of(Addresses, named("Address", "地址"),
			exchange.Columns(addressColumns()...), exchange.Default("kind", Office))),
	}
	if m != nil {
		customers = append(customers, exchange.Duplicates(Customers, duplicates{m}.warned))
	}
	return []exchange.Target{
		exchange.Of(Customers, named("Customer", "客户"), customers...),
		exchange.Of(Contacts, named("Contact", "联系人"), exchange.Columns(contactColumns()...)),
		exchange.Of(Addresses, named("Address", "地址"), exchange.Columns(addressColumns()...), exchange.Default("kind", Office)),
	}
}

// warned returns for each of some new customers those that a rule warns of.
func (d duplicates) warned(ctx context.Context, s *session.Session, list []*Customer) ([][]schema.ID, error) {
	found, err := d.find(ctx, s, list, nil)
	same := make([][]schema.ID, len(list))
	for i, hits := range found.hits {
		for _, hit := range hits {
			same[i] = append(same[i], hit.customer.ID)
		}
	}
	return same, err
}

func named(en, zh string) settings.Label { return settings.Label{EN: en, ZH: zh} }

func column(field, en, zh string, also ...string) exchange.Column {
	return exchange.Column{Field: field, Label: named(en, zh), Also: also}
}

// closed is column for a field that has only some values.
func closed(field, en, zh string, values map[string]settings.Label, also ...string) exchange.Column {
	return exchange.Column{Field: field, Label: named(en, zh), Also: also, Values: values}
}

func customerColumns() []exchange.Column {
	return append([]exchange.Column{
		column("name", "Name", "客户名称", "Customer", "Customer name", "Company", "Company name", "Account", "Account name", "客户", "公司", "公司名称", "单位名称", "名称"),
		column("short_name", "Short name", "简称", "客户简称"),
		column("code", "Code", "客户编码", "Customer code", "Customer id", "Customer no", "Customer number", "Account number", "客户编号", "客户代码", "编码", "编号"),
		closed("type", "Type", "客户类型", map[string]settings.Label{
			string(Direct): named("Direct", "直接客户"), string(Agent): named("Agent", "代理商"), string(Distributor): named("Distributor", "经销商"),
			string(Individual): named("Individual", "个人客户"), string(Partner): named("Partner", "合作伙伴"),
		}, "Customer type", "类型"),
		column("parent", "Parent", "上级客户", "Parent company", "Parent account", "Subsidiary of", "母公司", "所属集团"),
		closed("status", "Status", "成交状态", map[string]settings.Label{
			string(Potential): named("Potential", "潜在客户"), string(Trading): named("Trading", "交易客户"),
		}),
		closed("standing", "Standing", "客户状态", map[string]settings.Label{
			string(Active): named("Active", "活跃"), string(Normal): named("Normal", "普通"), string(Sealed): named("Sealed", "封存"),
		}),
		column("trading_since", "Trading since", "成交日期", "首次成交日期"),
		column("last_contact_on", "Last contact", "最近联系日期", "最后联系时间"),
		column("source", "Source", "来源", "客户来源", "Lead source"),
		column("value", "Value", "价值", "客户价值"),
		column("industry", "Industry", "行业", "所属行业", "Sector"),
		column("relation_level", "Relation level", "关系等级"),
		column("region", "Region", "区域", "地区"),
		column("importance", "Importance", "重要程度", "客户级别"),
		column("country", "Country", "国家"),
		column("phone", "Phone", "电话", "Telephone", "Phone number", "联系电话", "公司电话"),
		column("email", "E-mail", "邮箱", "Mail", "E-mail address", "电子邮件", "电子邮箱"),
		column("website", "Website", "网址", "Web", "URL", "网站", "公司网站"),
		column("tax_id", "Tax ID", "统一社会信用代码", "VAT ID", "Tax number", "税号", "纳税人识别号"),
		column("annual_revenue", "Annual revenue", "年营业额", "Revenue", "年收入"),
		column("employees", "Employees", "员工人数", "Number of employees", "人数", "人员规模"),
	}, personColumns()...)
}

func contactColumns() []exchange.Column {
	return append([]exchange.Column{
		column("customer", "Customer", "客户", "Customer name", "Company", "Company name", "客户名称", "公司名称", "单位"),
		column("name", "Name", "姓名", "Contact", "Contact person", "Contact name", "Full name", "联系人", "联系人姓名"),
		column("title", "Title", "职务", "Job title", "Position", "职位"),
		column("department", "Department", "所在部门", "部门"),
		column("phone", "Phone", "电话", "Telephone", "Work phone", "联系电话", "办公电话"),
		column("mobile", "Mobile", "手机", "Cell phone", "Mobile phone", "手机号", "手机号码"),
		column("email", "E-mail", "邮箱", "Mail", "E-mail address", "电子邮件", "电子邮箱"),
		column("wechat", "WeChat", "微信", "微信号"),
		column("is_primary", "Primary", "主联系人", "首要联系人"),
		column("inactive", "Inactive", "已离职"),
		closed("role", "Role", "决策角色", map[string]settings.Label{
			string(DecisionMaker): named("Decision maker", "决策人"), string(KeyContact): named("Key contact", "关键联系人"), string(Influencer): named("Influencer", "影响人"),
			string(User): named("User", "使用人"), string(Gatekeeper): named("Gatekeeper", "把关人"), string(Blocker): named("Blocker", "反对人"),
		}),
		column("influence", "Influence", "影响力"),
		closed("attitude", "Attitude", "态度", map[string]settings.Label{
			string(Supportive): named("Supportive", "支持"), string(Neutral): named("Neutral", "中立"), string(Opposed): named("Opposed", "反对"),
		}),
		column("relation_level", "Relation level", "关系程度"),
		column("assistant", "Assistant", "助理"),
		column("assistant_phone", "Assistant phone", "助理电话"),
	}, personColumns()...)
}

func addressColumns() []exchange.Column {
	return []exchange.Column{
		column("customer", "Customer", "客户", "Customer name", "Company", "Company name", "客户名称", "公司名称", "单位"),
		closed("kind", "Kind", "类型", map[string]settings.Label{
			Billing: named("Billing", "开票"), Shipping: named("Shipping", "收货"), Office: named("Office", "办公"), Home: named("Home", "住宅"),
		}, "Address type", "地址类型"),
		column("is_default", "Default", "默认"),
		column("country", "Country", "国家"),
		column("province", "Province", "省", "State", "省份"),
		column("city", "City", "市", "城市"),
		column("district", "District", "区", "区县"),
		column("street", "Street", "街道", "Address", "Street address", "地址", "详细地址", "通讯地址"),
		column("postcode", "Postcode", "邮编", "Postal code", "ZIP", "ZIP code", "邮政编码"),
		column("addressee", "Addressee", "收件人"),
		column("phone", "Phone", "电话", "收件电话"),
	}
}

// personColumns are those of Person and Preference.
func personColumns() []exchange.Column {
	return []exchange.Column{
		column("given_name", "Given name", "名", "First name"),
		column("family_name", "Family name", "姓", "Last name", "Surname"),
		closed("gender", "Gender", "性别", map[string]settings.Label{
			string(Female): named("Female", "女"), string(Male): named("Male", "男"), string(OtherGender): named("Other", "其他"),
		}, "Sex"),
		column("birthday", "Birthday", "生日", "Date of birth", "出生日期"),
		column("hobbies", "Hobbies", "爱好", "兴趣爱好"),
		closed("preferred_channel", "Preferred channel", "首选联系方式", map[string]settings.Label{
			string(Email): named("E-mail", "邮件"), string(SMS): named("SMS", "短信"), string(Phone): named("Phone", "电话"), string(Fax): named("Fax", "传真"),
			string(Post): named("Post", "信函"), string(WeChat): named("WeChat", "微信"), string(Messenger): named("Messenger", "即时通讯"), string(Visit): named("Visit", "拜访"),
		}),
		column("language", "Language", "语言"),
		column("contact_from", "Contact from", "可联系时间起"),
		column("contact_until", "Contact until", "可联系时间止"),
		column("interests", "Interests", "关注点"),
	}
}
