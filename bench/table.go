package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// importTable has a table of n lines imported beside a daemon that serves: checked first, then issued.
func importTable(ctx context.Context, bin, dir string, n int) error {
	return withDaemon(ctx, bin, dir, func(t target) error {
		file := filepath.Join(dir, "table.csv")
		if err := writeTable(file, n); err != nil {
			return err
		}
		start := time.Now()
		if err := command(ctx, bin, "import", "--data", filepath.Join(dir, "data"), file); err != nil {
			return err
		}
		took := time.Since(start)
		total, err := recorded(t)
		if err == nil && total != n {
			err = fmt.Errorf("%d records for a table of %d lines", total, n)
		}
		fmt.Printf("a table of %d lines imported, checked first: %.1f s, %.0f lines/s\n", n, took.Seconds(), float64(n)/took.Seconds())
		return err
	})
}

// writeTable writes the first n requests as a table.
func writeTable(file string, n int) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriter(f)
	defer func() { err = errors.Join(err, w.Flush()) }()
	fmt.Fprintln(w, "template,recipient_id,recipient_name,achievement_id,achievement_name,completion_rate,score,max_score")
	for i := range n {
		var r struct {
			Template               string
			Recipient, Achievement struct{ ID, Name string }
			Result                 struct {
				Rate  json.Number `json:"completion_rate"`
				Score json.Number
				Most  json.Number `json:"max_score"`
			}
		}
		if err := json.Unmarshal(request(i), &r); err != nil {
			return err
		}
		fmt.Fprintf(w, "%s,%s,%s,%s,%s,%s,%s,%s\n", r.Template, r.Recipient.ID, r.Recipient.Name, r.Achievement.ID, r.Achievement.Name, r.Result.Rate, r.Result.Score, r.Result.Most)
	}
	return nil
}
