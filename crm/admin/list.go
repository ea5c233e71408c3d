package admin

import (
	"github.com/kehucrm/kehu/crm/exchange"
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/settings"
)

// Lists returns what lists may bring of the organisation and the settings: departments,
// employees, and the entries of dictionaries. Departments and employees may stand in any
// order: who leads to whom is set when all are there.
func Lists() []exchange.Target {
	label := func(en, zh string) settings.Label { return settings.Label{EN: en, ZH: zh} }
	column := func(field, en, zh string, also ...string) exchange.Column {
		return exchange.Column{Field: field, Label: label(en, zh), Also: also}
	}
	return []exchange.Target{
		exchange.Of(org.Departments, label("Department", "部门"), exchange.Columns(
			column("name", "Name", "部门名称", "Department", "Department name", "部门", "名称"),
			column("code", "Code", "部门编码", "Department code", "编码"),
			column("parent", "Parent", "上级部门", "Parent department"))),
		exchange.Of(org.Employees, label("Employee", "职员"), exchange.Columns(
			column("name", "Name", "姓名", "Employee", "Full name", "职员", "员工姓名"),
			column("code", "Code", "工号", "Employee id", "Employee no", "Employee number", "Personnel number", "员工编号"),
			column("position", "Position", "职务", "Title", "Job title", "职位"),
			column("phone", "Phone", "电话", "Telephone", "Work phone", "联系电话", "办公电话"),
			column("email", "E-mail", "邮箱", "Mail", "E-mail address", "电子邮件", "电子邮箱"),
			column("host_user", "User", "登录账号", "Login", "User id", "Account", "用户名"),
			column("manager", "Manager", "直接上级", "Reports to", "Superior", "上级"),
			column("department", "Department", "部门", "所属部门"),
			column("inactive", "Inactive", "已离职"))),
		exchange.Of(settings.Entries, label("Dictionary entry", "字典项"), exchange.Columns(
			column("dictionary", "Dictionary", "字典"), column("code", "Code", "编码"),
			column("position", "Position", "顺序"), column("from", "From", "启用日期"), column("until", "Until", "停用日期"), column("retired", "Retired", "停用"))),
	}
}
