// Package admin holds the verbs by which a company is set up and changed: people and
// departments, roles and deputies, shares and sharing rules, dictionaries, custom fields,
// numbering and saved views.
//
// Whoever changes people, departments or roles needs a role that grants it (the
// default role does not), or acts as the system. The rules behind that are hooks of
// this package ([Hooks]) and hold for every way of writing: a change raises the version
// of the tenant's organisation in the same transaction, so that the next session in
// any process goes by it; circles of managers and departments are refused; and the
// closure of the tree of managers follows. So does the record of who, and which department,
// stood where ([Module.DirectoryAt]). Settings have a version of their own, raised in the same way.
//
// Who leaves, or takes on another task, hands over ([Handover]), and so does a department
// that is re-organised: a job whose lines say which records of which kind, any that has an
// owner, go to whom, or to which other department. It is planned, shown
// ([Module.PreviewHandover]) and executed in pages, each of them a transaction that also
// moves the line's cursor and appends who had what before ([session.OwnerChange]). So 100,000
// records are handed over while others work; a job that was interrupted goes on where it
// stood, from any process; the host's scheduler finds those that are due
// ([Module.DueHandovers]). Its lines tell what was left, and why. A job that is done can be
// undone as far as nobody has changed the records since. A record moves only where the actor
// may assign it.
//
// Who had a record when, and why it changed hands, by whatever write, is told by
// [Module.OwnershipHistory].
package admin

import (
	"github.com/kehucrm/kehu/crm/org"
	"github.com/kehucrm/kehu/crm/session"
	"github.com/kehucrm/kehu/crm/settings"
	"github.com/kehucrm/kehu/storage/schema"
)

// Module is the administration as a session sees it.
type Module struct {
	Departments session.Collection[org.Department]
	Employees   session.Collection[org.Employee]
	Roles       session.Collection[org.Role]
	// Rules share records without anybody's doing.
	Rules    session.Collection[org.SharingRule]
	Deputies session.Collection[org.Deputy]
	// Dictionary holds the entries of all dictionaries.
	Dictionary session.Collection[settings.Entry]
	Fields     session.Collection[settings.Field]
	Numbers    session.Collection[settings.NumberRule]
	Views      session.Collection[settings.View]
	// Handovers and HandoverLines are for reading; see PlanHandover.
	Handovers     session.Collection[Handover]
	HandoverLines session.Collection[HandoverLine]

	s *session.Session
}

// New returns the module for a session.
func New(s *session.Session) Module {
	return Module{session.Of(s, org.Departments), session.Of(s, org.Employees), session.Of(s, org.Roles),
		session.Of(s, org.SharingRules), session.Of(s, org.Deputies),
		session.Of(s, settings.Entries), session.Of(s, settings.Fields), session.Of(s, settings.NumberRules), session.Of(s, settings.Views),
		session.Of(s, Handovers), session.Of(s, HandoverLines), s}
}

// Kinds returns the kinds of this package.
func Kinds() []*schema.Kind {
	return []*schema.Kind{Handovers.Kind, HandoverLines.Kind, HandoverShares.Kind}
}
