package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// shouldPing tells which connections of our pool are asked for a sign of life before they are used again: after a second
// of rest, as pgx has it, and at once when the server has said something that nobody asked for, which is goodbye in most
// cases. For want of that, queries fail when they come within a second of a restart of the server.
func shouldPing(_ context.Context, p stdlib.ShouldPingParams) bool {
	return p.IdleDuration > time.Second || readable(p.Conn.PgConn().Conn())
}
