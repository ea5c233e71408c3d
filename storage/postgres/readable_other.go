//go:build !unix

package postgres

import "net"

// readable can't be told here.
func readable(net.Conn) bool { return false }
