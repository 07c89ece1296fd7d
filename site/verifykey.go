package site

import (
	"fmt"

	"laurel/certlog"
	"laurel/credential"
)

// revokedKey judges a document whose proofs fit, but whose key was stolen: it is good where the log shows that it is
// older than that.
func (v *verification) revokedKey(revoked *credential.RevokedKeyError) bool {
	v.add("proof", Pass, "eddsa-rdfc-2022 and eddsa-jcs-2022 both match the content")
	err := errNoCheckpoint
	if v.trust.Log != nil {
		err = v.trust.Log.Before(v.doc, certlog.Head{Size: revoked.Size, Hash: revoked.Root})
	}
	switch {
	case err == nil:
		v.add("key", Pass, "published by %s and revoked since; the log shows that this certificate is older than the theft", v.trust.Keys.Issuer())
		return true
	case refuted(err):
		v.add("key", Fail, "%v; and the log does not show that this document is from before: %v", revoked, err)
		v.verdict(Invalid)
	default:
		v.add("key", Skip, "%v; whether this document is from before cannot be told: %v", revoked, err)
		v.verdict(Unavailable)
	}
	return false
}

// Before shows that a certificate, whose signature must have been verified, was in the log when that had a head. It
// takes the certificate's own proof for the place alone: what counts is the head, which a signed key history gives. The
// errors are those of Find.
func (l *Log) Before(c *credential.Credential, head certlog.Head) error {
	p, err := l.proofOf(c)
	if err != nil {
		return err
	}
	if p.Index >= head.Size {
		return fmt.Errorf("%w: it is entry %d, and only the first %d are from before", certlog.ErrInclusion, p.Index, head.Size)
	}
	if l.file == nil {
		return l.beforeBy(p, head)
	}
	now, err := l.Checkpoint()
	if err != nil {
		return fmt.Errorf("%s: %w", CheckpointPath, err)
	}
	if now.Size < head.Size {
		return fmt.Errorf("%s: it is an old copy, of %d entries", CheckpointPath, now.Size)
	}
	return certlog.CheckIncluded(head, p.Index, p.Entry.Hash(), l.tilesOf(now.Size))
}

// beforeBy is Before with nothing at hand but the certificate's own proof: it is enough where the log signed it over no
// more than it had then.
func (l *Log) beforeBy(p *certlog.Proof, head certlog.Head) error {
	seen, err := p.Verify(l.log, l.cosigners...)
	switch {
	case err != nil:
		return fmt.Errorf("%w: its proof: %w", certlog.ErrInclusion, err)
	case seen.Size > head.Size:
		return errNoCheckpoint
	case seen.Size == head.Size && seen.Hash != head.Hash:
		return fmt.Errorf("%w: there are two different logs of %d entries", certlog.ErrInclusion, seen.Size)
	}
	return nil
}

// olderThan reads a certificate whose proofs fit and whose key was stolen, if the log shows that it is older than that.
func olderThan(l *Log, doc []byte, revoked *credential.RevokedKeyError) (*credential.Credential, error) {
	c, err := credential.Decode(doc)
	if err != nil {
		return nil, err
	}
	return c, l.Before(c, certlog.Head{Size: revoked.Size, Hash: revoked.Root})
}
