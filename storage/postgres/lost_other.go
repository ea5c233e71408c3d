//go:build !unix

package postgres

import "net"

// spoken can't be told here.
func spoken(net.Conn) bool { return false }
