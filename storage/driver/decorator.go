package driver

// Decorator is a Backend around another one, such as one that traces or counts. A
// program gives it to storage.New in the other's place; it usually embeds the other and
// has its own Conn and Begin.
//
// What it must see to itself:
//
//   - Its Conn is nil where that of the backend beneath is.
//   - Its transactions decorate their savepoints, too: in a transaction of a host every
//     write stands in one.
//   - What a Conn can do besides, such as an Aggregator, storage asks of the decorated
//     Conn or Tx alone, so that nothing goes past a decorator. What it passes on must be
//     there beneath. What it does not pass on, storage does in plainer and slower ways
//     through the methods that are left; without Unwrapper, nobody gets the database's
//     handle.
//
// A Migrator and an Analyzer are looked for beneath, too. A decorator that is none itself
// need not pass it on, and sees nothing of a migration.
type Decorator interface {
	Backend
	// Beneath returns the backend that is decorated.
	Beneath() Backend
	// Around decorates a transaction of the backend beneath, which a host began.
	Around(tx Tx) Tx
}

// Find returns the first backend that is a T: b itself, or one beneath it when b is a
// Decorator. So an adapter's Join finds the backend that is its own.
func Find[T any](b Backend) (T, bool) {
	for {
		if found, ok := b.(T); ok {
			return found, true
		}
		d, ok := b.(Decorator)
		if !ok {
			var none T
			return none, false
		}
		b = d.Beneath()
	}
}
