// Package pdf writes and reads PDF files: objects, embedded fonts that hold only the glyphs used, attachments, what
// PDF/A-3 asks for. Its own small writer, because the same document must give the same bytes, text must come out of the
// file as it went in, whatever plane of Unicode it is from, and a document must cost less than a millisecond. It knows
// nothing of certificates or layouts.
package pdf
