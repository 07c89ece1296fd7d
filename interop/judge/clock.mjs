// The day on which a document is judged. Verifiers refuse a certificate that has ended, as they should; what
// is asked here is whether its signatures held while it lasted.
const RealDate = Date;

/** Sets the clock to the last second of the document's validity, if today is past it. */
export function judgeWithin({validUntil}) {
  const now = RealDate.now();
  if (!validUntil || RealDate.parse(validUntil) > now) {
    globalThis.Date = RealDate;
    return;
  }
  const then = RealDate.parse(validUntil) - 1000;
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      super(...(args.length ? args : [then]));
    }
    static now() {
      return then;
    }
  };
}
