package issuer

import (
	"context"

	"laurel/credential"
	"laurel/internal/record"
	"laurel/site"
)

// Outbox holds what others are to be told of certificates. What became of a delivery joins a round, so that it costs no
// sync of its own.
func (i *Issuer) Outbox() record.Outbox { return &outbox{Outbox: i.store, issuer: i} }

type outbox struct {
	record.Outbox
	issuer *Issuer
}

func (o *outbox) Settle(ctx context.Context, deliveries []record.Delivery) error {
	return o.issuer.change(ctx, func(_ context.Context, d *draft) (refused, err error) {
		d.batch.Settled = append(d.batch.Settled, deliveries...)
		return nil, nil
	})
}

// BaseURL is the address of the public tree.
func (i *Issuer) BaseURL() string { return i.settings.BaseURL }

// CertificateURL is the address of a certificate's page.
func (i *Issuer) CertificateURL(n credential.Number) string {
	return site.CertificateURL(i.settings.BaseURL, n)
}
