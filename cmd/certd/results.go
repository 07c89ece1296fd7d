package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"time"
)

// results is the file that says what became of each line.
type results struct {
	file  *os.File
	buf   *bufio.Writer
	csv   *csv.Writer
	saved time.Time
}

// receipt is what a results file tells of a certificate.
type receipt struct {
	Number      string `json:"number"`
	URL         string `json:"url"`
	Recipient   struct{ ID, Name string }
	Achievement struct{ ID string }
}

func createResults(path string) (*results, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // it names people
	if err != nil {
		return nil, err
	}
	r := &results{file: f, buf: bufio.NewWriterSize(f, 1<<16), saved: time.Now()}
	r.csv = csv.NewWriter(r.buf)
	return r, r.csv.Write([]string{"line", "result", "recipient_id", "recipient_name", "achievement_id", "number", "url", "problem"})
}

// add writes one line; what was written stands in the file within a second, whatever happens then.
func (r *results) add(line int, result string, document json.RawMessage, problem string) error {
	var c receipt
	if len(document) > 0 {
		if err := json.Unmarshal(document, &c); err != nil {
			return err
		}
	}
	if err := r.csv.Write([]string{strconv.Itoa(line), result, c.Recipient.ID, c.Recipient.Name, c.Achievement.ID, c.Number, c.URL, problem}); err != nil {
		return err
	}
	if time.Since(r.saved) < time.Second {
		return nil
	}
	r.saved = time.Now()
	r.csv.Flush()
	return errors.Join(r.csv.Error(), r.buf.Flush())
}

func (r *results) close() error {
	r.csv.Flush()
	return errors.Join(r.csv.Error(), r.buf.Flush(), r.file.Sync(), r.file.Close())
}
