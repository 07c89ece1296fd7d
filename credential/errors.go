package credential

import "errors"

// Sentinel errors; callers branch on them with errors.Is. The errors returned say more.
var (
	// ErrNumber: the text is no certificate number. The error is a *NumberError.
	ErrNumber = errors.New("not a certificate number")
	// ErrFormat: the document is no JSON, or not of the one shape that this package signs.
	ErrFormat = errors.New("not a document of the supported form")
	// ErrForeign: a credential, but one that another issuer made.
	ErrForeign = errors.New("not issued by Laurel")
	// ErrUnknownKey: the proof names a verification method that the issuer's did.json does not list.
	ErrUnknownKey = errors.New("unknown key")
	// ErrNotInForce: the issuer's key made the proof, but at a time at which it did not sign, by the key history.
	ErrNotInForce = errors.New("key not in force")
	// ErrRevokedKey: the proof fits, but its key was stolen at some time. The error is a *RevokedKeyError.
	ErrRevokedKey = errors.New("revoked key")
	// ErrProof: a proof does not fit the content, or is missing.
	ErrProof = errors.New("proof does not verify")
)
