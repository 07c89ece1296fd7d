package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"laurel/internal/record"
)

// Recipient is who a certificate was issued to and for what; told to those endpoints alone that were added for it.
type Recipient struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Achievement string `json:"achievement"`
}

// body is a message: type, timestamp and data as Standard Webhooks recommends them, within the attributes of CloudEvents
// 1.0 in its JSON format, to which timestamp is an extension.
type body struct {
	SpecVersion string `json:"specversion"`
	ID          string `json:"id"`
	Source      string `json:"source"`
	Type        string `json:"type"`
	Subject     string `json:"subject"`
	Time        string `json:"time"`
	Timestamp   string `json:"timestamp"`
	DataType    string `json:"datacontenttype"`
	Data        data   `json:"data"`
}

type data struct {
	Number      string     `json:"number"`
	Template    string     `json:"template"`
	Status      string     `json:"status"`
	Code        string     `json:"code,omitempty"`
	URL         string     `json:"url"`
	Replacement string     `json:"replacement,omitempty"`
	LogIndex    int64      `json:"log_index"`
	Recipient   *Recipient `json:"recipient,omitempty"`
}

// message writes the body of an event.
func message(e record.Event, source string, url func(number string) string, who *Recipient) ([]byte, error) {
	at := e.Time.UTC().Format(time.RFC3339Nano)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(body{
		SpecVersion: "1.0", ID: e.ID, Source: source, Type: e.Type, Subject: string(e.Number), Time: at, Timestamp: at, DataType: "application/json",
		Data: data{
			Number: string(e.Number), Template: e.Template, Status: e.Status, Code: e.Code, URL: url(string(e.Number)),
			Replacement: string(e.Replacement), LogIndex: e.LogIndex, Recipient: who,
		},
	})
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// sign sets the headers of a message, with a signature of each secret: a receiver that knows one of them takes it.
func sign(h http.Header, id string, at time.Time, body []byte, secrets []record.Secret) error {
	var signatures []string
	for _, s := range secrets {
		wh, err := standardwebhooks.NewWebhookRaw(s.Key)
		if err != nil {
			return err
		}
		signature, err := wh.Sign(id, at, body)
		if err != nil {
			return err
		}
		signatures = append(signatures, signature)
	}
	if len(signatures) == 0 {
		return errors.New("the endpoint has no secret in force; give it one with certd webhook rotate")
	}
	h.Set(standardwebhooks.HeaderWebhookID, id)
	h.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	return nil
}
