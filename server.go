// Command qm-compliance permanently removes personal data from recorded conversations, and proves it.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"qm-compliance/command"
	"qm-compliance/postgres"
)

//go:generate go tool gqlgen generate

func main() {
	postgres.RunWatcher()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(command.Run(ctx, os.Args[1:], command.Streams{Out: os.Stdout, Err: os.Stderr}))
}
