// Package crm is the front door: open a store, say who acts, and work with the
// modules.
//
//	store, err := sqlite.Open(ctx, "crm.db")
//	err = crm.Migrate(ctx, store)
//	app, err := crm.Open(ctx, store)
//	s, err := app.As(ctx, employeeID)
//	c, err := s.Customers.Create(ctx, &customer.Customer{Name: "…"})
//
// An [App] is made once and shared. A [Session] says who acts, for which tenant, in
// which transaction; it is made for a request and used by one goroutine at a time.
// Nothing of that is hidden in a context.
//
// A program with one company never names a tenant: App stands for the tenant
// [DefaultTenant], and App.Tenant gives the same door to another.
package crm
