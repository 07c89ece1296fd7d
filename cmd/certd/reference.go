package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// setting is one setting, as its field says.
type setting struct {
	name, doc string
	value     reflect.Value
}

// variable is the setting's name in the environment.
func (s setting) variable() string {
	return "CERTD_" + strings.ToUpper(strings.ReplaceAll(s.name, ".", "_"))
}

// all lists the settings; those within others stand behind a dot.
func (s *settings) all() (list []setting) {
	var walk func(v reflect.Value, in string)
	walk = func(v reflect.Value, in string) {
		for i := range v.NumField() {
			f := v.Type().Field(i)
			switch name := f.Tag.Get("yaml"); {
			case name == "":
			case f.Type.Kind() == reflect.Struct:
				walk(v.Field(i), in+name+".")
			default:
				list = append(list, setting{in + name, f.Tag.Get("doc"), v.Field(i)})
			}
		}
	}
	walk(reflect.ValueOf(s).Elem(), "")
	return list
}

func settingNames() (names []string) {
	for _, s := range new(settings).all() {
		names = append(names, s.name)
	}
	return names
}

// fromSeeds are read with the seeds, which leave the environment as they are read.
func (s setting) fromSeeds() bool { return strings.HasSuffix(s.name, "seed_command") }

// readEnvironment takes what the environment says.
func (s *settings) readEnvironment() error {
	for _, one := range s.all() {
		text := os.Getenv(one.variable())
		if text == "" || one.fromSeeds() {
			continue
		}
		if err := one.read(text); err != nil {
			return fmt.Errorf("%s: %q is not %w", one.variable(), text, err)
		}
	}
	return nil
}

// read takes a value from its text. The error says what it should have been.
func (s setting) read(text string) error {
	switch v := s.value; p := v.Addr().Interface().(type) {
	case *string:
		*p = text
	case *bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("true or false")
		}
		*p = b
	case *int:
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return fmt.Errorf("a whole number")
		}
		*p = n
	case *uint64:
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return fmt.Errorf("a whole number")
		}
		*p = n
	case *time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("a duration, as 30s")
		}
		*p = d
	case *[]string:
		if *p = strings.Split(text, ","); s.name == "font_dirs" {
			*p = filepath.SplitList(text)
		}
	case *map[string]string:
		*p = map[string]string{}
		for _, pair := range strings.Split(text, ",") {
			name, value, ok := strings.Cut(pair, "=")
			if !ok {
				return fmt.Errorf("a list, as boss=admin,student=learner")
			}
			(*p)[name] = value
		}
	default:
		return fmt.Errorf("a setting that the environment can have")
	}
	return nil
}

// show writes a value as certd.yaml would have it; "" for none.
func (s setting) show() string {
	switch v := s.value.Interface().(type) {
	case []string:
		if len(v) == 0 {
			return ""
		}
		return "[" + strings.Join(v, ", ") + "]"
	case map[string]string:
		return ""
	case time.Duration:
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}

// writeReference writes the manual of the settings, made from the settings themselves.
func writeReference(w io.Writer) error {
	s := defaults("data")
	var b strings.Builder
	b.WriteString("Settings of certd serve stand in data/certd.yaml; relative paths there start at its folder. A CERTD_ variable of the\n" +
		"environment wins over the file, and a flag over both. Secrets come from the environment alone: CERTD_JWT_HS256_SECRET,\nCERTD_SEED, CERTD_LOG_SEED.\n")
	for _, one := range s.all() {
		fmt.Fprintf(&b, "\n%s\n", one.name)
		if text := one.show(); text != "" {
			fmt.Fprintf(&b, "    default  %s\n", text)
		}
		fmt.Fprintf(&b, "    variable %s\n    %s\n", one.variable(), one.doc)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
