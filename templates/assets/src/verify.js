// The script of all pages.

import {certificatePage, prepareCopy} from './certificate.js';
import {erasedPage} from './erased.js';
import {lookupPage} from './lookup.js';
import {notFoundPage} from './notfound.js';
import {prepare} from './page.js';

prepare();
switch (document.documentElement.dataset.view) {
  case 'certificate':
    prepareCopy();
    certificatePage();
    break;
  case 'erased':
    erasedPage();
    break;
  case 'lookup':
    lookupPage();
    break;
  case 'notfound':
    notFoundPage();
}
