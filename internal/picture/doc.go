// Package picture turns a layout and values into a certificate's picture. A layout is a YAML file; its text is shaped
// and placed once, in Compose, into one display list that every painter shares, so that a picture that composes can
// always be painted. The package knows no domain: it takes strings and gives back bytes.
package picture
