package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"laurel/credential"
	"laurel/site"
)

// addStatus puts the status lists and statements given by hand before those of the tree.
func (o *verifyFlags) addStatus() error {
	if len(o.status) == 0 {
		return nil
	}
	given := map[string][]byte{}
	for _, name := range o.status {
		data, err := readInput(name)
		if err != nil {
			return err
		}
		url, err := o.statusURL(data)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		_, path, _ := strings.Cut(url, "://")
		_, path, _ = strings.Cut(path, "/")
		given[path] = data
	}
	lists, statements := o.trust.Lists, o.trust.Statements
	o.trust.Lists = func(purpose string, n int) ([]byte, error) {
		switch data, ok := given[site.StatusListPath(purpose, n)]; {
		case ok:
			return data, nil
		case lists != nil:
			return lists(purpose, n)
		}
		return nil, errors.New("none was given")
	}
	o.trust.Statements = func(n credential.Number) ([]byte, error) {
		switch data, ok := given[site.StatusPath(n)]; {
		case ok:
			return data, nil
		case statements != nil:
			return statements(n)
		}
		return nil, fs.ErrNotExist
	}
	return nil
}

// statusURL is the address of a status list, or of the statements on a certificate.
func (o *verifyFlags) statusURL(data []byte) (string, error) {
	if s, err := credential.DecodeStatements(data); err == nil {
		_, err = credential.VerifyStatements(data, o.trust.Keys)
		return s.BaseURL + "/" + site.StatusPath(s.Number), err
	}
	l, err := credential.VerifyStatusList(data, o.trust.Keys)
	if err != nil {
		return "", fmt.Errorf("neither a status list nor statements that can be believed: %w", err)
	}
	return l.URL, nil
}
