//go:build !linux && !darwin

package pgtest

// cluster stands in where pgtest can't start servers; only KEHU_POSTGRES helps there.
type cluster struct{}

func startShared() (*cluster, error) { return nil, errNone }
func newCluster() (*cluster, error)  { return nil, errNone }

func (*cluster) dsn(string) string   { return "" }
func (*cluster) start() error        { return errNone }
func (*cluster) stop(StopMode) error { return errNone }
func (*cluster) kill() error         { return errNone }
func (*cluster) remove() error       { return errNone }
