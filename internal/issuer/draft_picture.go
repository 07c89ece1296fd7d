package issuer

import (
	"bytes"
	"time"

	"laurel/credential"
)

// draftNumber stands on pictures of what has not been issued; it is nobody's.
const draftNumber = credential.Number("7F3K-9QXM-2T8W-RB5H")

// Draft paints what a request asks for, with nothing issued. The error is ErrInvalid where it could not be.
func (i *Issuer) Draft(req Request) ([]byte, error) {
	defer i.pace.enter()()
	p, err := i.plan(req, i.cfg.Now())
	if err != nil {
		return nil, err
	}
	drawn, err := i.builder.Renderer().Compose(credential.New(p.facts(i, draftNumber, 0, 0)))
	if err != nil {
		return nil, pictureFault(err)
	}
	var out bytes.Buffer
	err = drawn.PNG(&out)
	return out.Bytes(), err
}

// Host is the host of the public tree.
func (i *Issuer) Host() string { return i.settings.Host() }

// Zone is the issuer's time zone.
func (i *Issuer) Zone() *time.Location { return i.zone }
