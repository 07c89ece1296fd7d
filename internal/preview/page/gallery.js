// Keeps the page equal to what the server has: asks for it again whenever a template was saved or the choice changed,
// and puts in what is different. A picture is exchanged once the new one is decoded, so that nothing flickers.

const root = document.documentElement;
const live = document.getElementById('live');
const form = document.getElementById('filter');
root.classList.add('scripted');

let turn = 0; // of several refreshes under way, the last one counts
let calm; // when the status line returns to what it mostly says

function say(text, off) {
  clearTimeout(calm);
  live.classList.toggle('off', Boolean(off));
  if (live.textContent !== text) live.textContent = text;
}

async function refresh(announce) {
  const mine = ++turn;
  let next;
  try {
    const answer = await fetch(location.href);
    next = new DOMParser().parseFromString(await answer.text(), 'text/html');
  } catch {
    return; // the stream of events has noticed, too
  }
  if (mine !== turn || !next.getElementById('cards')) return;
  root.dataset.serial = next.documentElement.dataset.serial;
  exchange('problems', next);
  exchange('count', next);
  exchange('langs', next);
  if (form) options(next);
  const changed = await cards(next, mine);
  if (announce && mine === turn) {
    say(`${live.dataset.done} (${changed})`);
    calm = setTimeout(() => say(live.dataset.yes), 4000);
  }
}

function exchange(id, next) {
  swap(document.getElementById(id), next.getElementById(id));
}

function swap(now, then) {
  if (now && then && now.innerHTML !== then.innerHTML) now.innerHTML = then.innerHTML;
}

// options brings new templates and layouts into the choice, and leaves what is chosen.
function options(next) {
  for (const select of form.querySelectorAll('select')) {
    const then = next.getElementById(select.id);
    const names = s => [...s.options].map(o => o.value).join('/');
    if (names(select) === names(then)) continue;
    const chosen = select.value;
    select.innerHTML = then.innerHTML;
    select.value = chosen;
  }
}

// cards exchanges what is different and returns how many pictures that were.
async function cards(next, mine) {
  const all = d => [...d.querySelectorAll('[data-id]')];
  const now = all(document), then = all(next);
  const before = new Map(now.map(c => [c.dataset.id, c.dataset.version]));
  const changed = then.filter(c => before.get(c.dataset.id) !== c.dataset.version);
  if (now.map(c => c.dataset.id).join() !== then.map(c => c.dataset.id).join()) {
    const focused = document.activeElement?.dataset?.focus;
    document.getElementById('cards').replaceChildren(...next.getElementById('cards').childNodes);
    focus(focused);
    return changed.length;
  }
  const parts = new Map([...next.querySelectorAll('[data-part]')].map(p => [p.dataset.part, p]));
  for (const part of document.querySelectorAll('[data-part]')) swap(part, parts.get(part.dataset.part));
  await Promise.all(now.map(async (card, i) => {
    if (card.outerHTML === then[i].outerHTML) return;
    const fresh = document.importNode(then[i], true);
    if (card.dataset.version !== fresh.dataset.version && near(card)) await decoded(fresh);
    if (mine !== turn) return;
    const focused = card.contains(document.activeElement) && document.activeElement.dataset.focus;
    card.replaceWith(fresh);
    focus(focused);
  }));
  return changed.length;
}

function near(e) {
  const r = e.getBoundingClientRect();
  return r.bottom > -innerHeight && r.top < 2 * innerHeight;
}

// decoded returns once the picture can be shown without a gap.
async function decoded(card) {
  const img = card.querySelector('img');
  if (!img) return;
  img.loading = 'eager';
  try {
    await img.decode();
  } catch {
    // then the page shows what is wrong with it
  }
  img.loading = 'lazy'; // as served, so that it is not taken for another one the next time
}

function focus(name) {
  if (name) document.querySelector(`[data-focus="${CSS.escape(name)}"]`)?.focus({preventScroll: true});
}

// A browser keeps six connections to a host, and each page that listens takes one: pages that nobody sees leave theirs.
let events;
function listen() {
  events?.close();
  if (document.hidden) return;
  events = new EventSource('/events');
  events.addEventListener('open', () => say(live.dataset.yes));
  events.addEventListener('error', () => say(live.dataset.no, true));
  events.addEventListener('state', e => { if (e.data !== root.dataset.serial) refresh(true); });
}
listen();
document.addEventListener('visibilitychange', listen);
addEventListener('pageshow', e => { if (e.persisted) listen(); });
addEventListener('pagehide', () => events?.close());

if (form) {
  let typing;
  const choose = () => {
    const chosen = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    history.replaceState(null, '', chosen.size ? '?' + chosen : location.pathname);
    refresh(false);
  };
  form.addEventListener('submit', e => { e.preventDefault(); choose(); });
  form.addEventListener('change', choose);
  form.addEventListener('input', e => {
    clearTimeout(typing);
    if (e.target.matches('input')) typing = setTimeout(choose, 150);
  });
} else {
  addEventListener('keydown', e => {
    if (e.altKey || e.ctrlKey || e.metaKey || e.shiftKey) return;
    const to = {ArrowLeft: 'prev', ArrowRight: 'next', Escape: 'all'}[e.key];
    if (to) document.getElementById(to)?.click();
  });
}
