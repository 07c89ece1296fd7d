// Days and instants, for machines and for readers of both languages.

const months = 'January February March April May June July August September October November December'.split(' ');

/** Milliseconds of an RFC 3339 text with a zone; NaN for anything else. */
export function readInstant(text) {
  return typeof text === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
}

/** A day YYYY-MM-DD as [zh, en]. */
export function day(text) {
  const [y, m, d] = text.split('-').map(Number);
  return [`${y}年${m}月${d}日`, `${d} ${months[m - 1]} ${y}`];
}

/** The day YYYY-MM-DD of an instant in a zone. */
export const dayAt = (ms, zone) => new Date(ms + shiftOf(ms, zone) * 60000).toISOString().slice(0, 10);

/** An instant in the issuer's zone as [zh, en]: 2026年6月18日 09:30（UTC+8）, 18 June 2026, 09:30 (UTC+8). */
export function instant(ms, zone) {
  const shift = shiftOf(ms, zone);
  const [date, time] = new Date(ms + shift * 60000).toISOString().split('T');
  const minutes = Math.abs(shift) % 60;
  const offset = 'UTC' + (shift ? (shift < 0 ? '−' : '+') + Math.floor(Math.abs(shift) / 60) + (minutes ? ':' + String(minutes).padStart(2, '0') : '') : '');
  const [zh, en] = day(date);
  return [`${zh} ${time.slice(0, 5)}（${offset}）`, `${en}, ${time.slice(0, 5)} (${offset})`];
}

// How many minutes a zone's clock is ahead of UTC at an instant.
function shiftOf(ms, zone) {
  try { // the zone's clock at that instant, read as if it were UTC
    const parts = {};
    for (const {type, value} of new Intl.DateTimeFormat('en-US', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    }).formatToParts(ms)) parts[type] = Number(value);
    return Math.round((Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) - ms) / 60000);
  } catch (e) { // a browser that does not know the zone shows UTC
    return 0;
  }
}
