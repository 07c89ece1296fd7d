// What the pages of those who run certd do beyond what a browser does by itself: the picture follows the form, and
// fields that a template does not have are put away. Without this script both are a button and some empty fields.
'use strict';

const form = document.querySelector('form[data-preview]');

function fields() {
  const kind = form.elements.template.selectedOptions[0]?.dataset.type;
  for (const part of form.querySelectorAll('[data-of]')) {
    const away = part.dataset.of !== kind;
    part.hidden = away;
    for (const input of part.querySelectorAll('input')) input.disabled = away;
  }
}

function preview() {
  const picture = document.querySelector('#picture'), none = document.querySelector('#no-picture'), say = document.querySelector('#preview-say');
  let timer, running, last;
  const show = (address, words) => {
    if (last) URL.revokeObjectURL(last);
    last = address;
    picture.hidden = !address;
    none.hidden = !!address;
    if (address) picture.src = address;
    say.textContent = words;
  };
  const ask = async () => {
    running?.abort();
    running = new AbortController();
    try {
      const answer = await fetch(form.dataset.preview, {method: 'POST', body: new URLSearchParams(new FormData(form)), signal: running.signal, redirect: 'error'});
      if (answer.ok) show(URL.createObjectURL(await answer.blob()), say.dataset.good);
      else show('', answer.status === 422 ? await answer.text() : say.dataset.bad);
    } catch (e) {
      if (e.name !== 'AbortError') show('', say.dataset.bad);
    }
  };
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 300);
  });
  if (form.elements['recipient.name'].value) ask();
}

if (form) {
  document.querySelector('#preview-button')?.remove();
  form.elements.template.addEventListener('change', fields);
  fields();
  preview();
}

// What is wrong with a form is read first.
document.querySelector('#wrong')?.focus();
