package api

import (
	"log/slog"
	"net/http"
	"time"
)

// NewServer returns a server with the limits that keep slow or greedy callers from holding it: operations
// that wait or stream lift the deadlines for themselves, once they know who asks.
func NewServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		MaxHeaderBytes:    16 << 10,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       bodyTimeout,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}
