// Package credential is the format of what Laurel signs: certificate numbers, Open Badges 3.0 credentials
// with their Data Integrity proofs, Bitstring Status Lists and the did:web document that names the keys. It
// exists so that everybody who makes, publishes or checks a credential agrees on one shape, byte for byte.
// It is pure: it reads no file, no network and no clock.
//
// A document that Laurel signs carries two proofs over the same content, made in this order:
// eddsa-rdfc-2022, then eddsa-jcs-2022 (VC-DI-EDDSA 1.0). Both are checked here without a JSON-LD
// processor: the RDF statements of the one supported shape are written directly.
package credential
