/** Keys, buttons, search and links of the page. */
import type { App } from './app.ts';
import { element } from './element.ts';
import { HEAD } from './layout.ts';
import { search } from './search.ts';

/** Selects the VMA after (1) or before (-1) the selected one. */
function neighbour(app: App, step: number): void {
  const { count } = app.model;
  const from = app.selected < 0 && step < 0 ? count : app.selected;
  if (count > 0) app.select((from + step + count) % count, true);
}

function relative(app: App, vma: number | undefined): void {
  if (app.selected >= 0 && vma !== undefined && vma >= 0) app.select(vma, true);
}

function scroll(pixels: number): void {
  element('lanes', HTMLElement).scrollTop += pixels;
}

const keys: Readonly<Record<string, (app: App) => void>> = {
  ArrowLeft: (app) => app.zoom.pan(-0.15),
  ArrowRight: (app) => app.zoom.pan(0.15),
  a: (app) => app.zoom.pan(-0.15),
  d: (app) => app.zoom.pan(0.15),
  ArrowUp: () => scroll(-60),
  ArrowDown: () => scroll(60),
  PageUp: () => scroll(-400),
  PageDown: () => scroll(400),
  '+': (app) => app.zoom.step(1),
  '=': (app) => app.zoom.step(1),
  w: (app) => app.zoom.step(1),
  '-': (app) => app.zoom.step(-1),
  s: (app) => app.zoom.step(-1),
  '0': (app) => app.zoom.fit(),
  ']': (app) => neighbour(app, 1),
  '[': (app) => neighbour(app, -1),
  p: (app) => relative(app, app.model.parent(app.selected)),
  c: (app) => relative(app, app.model.childrenOf(app.selected)[0]),
  Enter: (app) => app.selected >= 0 && app.showWhole(app.selected),
  Escape: (app) => app.select(-1),
};

class Search {
  readonly #app: App;
  readonly #input = element('search', HTMLInputElement);
  readonly #output = element('matches', HTMLOutputElement);
  #found: Int32Array | null = null;
  #at = -1;

  constructor(app: App) {
    this.#app = app;
    this.#input.addEventListener('input', () => this.#search());
    this.#input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.go(event.shiftKey ? -1 : 1);
      if (event.key === 'Escape') this.clear();
    });
    element('after', HTMLButtonElement).addEventListener('click', () => this.go(1));
    element('before', HTMLButtonElement).addEventListener('click', () => this.go(-1));
  }

  focus(): void {
    this.#input.focus();
    this.#input.select();
  }

  clear(): void {
    this.#input.value = '';
    this.#search();
    this.#app.select(-1);
    element('stage', HTMLElement).focus({ preventScroll: true });
  }

  /** Goes to the next match, or the one before. */
  go(step: number): void {
    const found = this.#found;
    if (found === null || found.length === 0) return;
    this.#at = this.#at < 0 && step < 0 ? found.length - 1 : (this.#at + step + found.length) % found.length;
    this.#app.select(found[this.#at] ?? -1, true);
    this.#say();
  }

  #search(): void {
    this.#found = search(this.#app.model, this.#input.value);
    this.#at = -1;
    this.#app.select(-1);
    this.#app.mark(this.#found);
    this.#say();
  }

  #say(): void {
    const count = this.#found?.length ?? 0;
    const which = this.#at < 0 ? '' : `${this.#at + 1} of `;
    this.#output.textContent = this.#found === null ? '' : `${which}${count} VMA${count === 1 ? '' : 's'}`;
  }
}

function showDisassociation(app: App, id: string): void {
  const d = app.model.data.disassociations.find((each) => each.id === id);
  const from = d?.requested ?? d?.teardown ?? d?.zapping ?? null;
  if (d === undefined || from === null) return;
  const to = d.ended ?? app.model.data.to;
  const margin = Math.max(2000, (to - from) * 0.4);
  app.select(-1);
  app.zoom.show(from - margin, to + margin);
  showUfile(app, d.ufile);
}

function showUfile(app: App, ufile: number): void {
  const group = app.layout.groups[ufile];
  if (group !== undefined) app.scrollTo(group.y + HEAD + 100);
}

/** Goes to what a link names: V7, U1, D1, or e12 for an event. */
function follow(app: App, link: string): void {
  const [, letter = '', digits = ''] = /^#([VUDe])(\d+)$/.exec(link) ?? [];
  const number = Number(digits);
  if (letter === 'D') showDisassociation(app, `D${number}`);
  if (letter === 'U')
    showUfile(
      app,
      app.model.data.ufiles.findIndex(({ id }) => id === `U${number}`),
    );
  const event = letter === 'e' ? app.model.findEvent(number) : null;
  const vma = letter === 'V' ? app.model.find(number) : (event?.vma ?? -1);
  if (letter === 'V' && vma < 0) app.say(`V${number} is not in this page`);
  if (letter === 'e' && vma < 0) app.say(`event ${number} is not in this page`);
  if (vma < 0) return;
  app.showWhole(vma);
  if (event !== null) app.zoom.centre(event.ns);
}

function toggleTheme(app: App): void {
  const root = document.documentElement;
  const dark = getComputedStyle(root).getPropertyValue('--is-dark').trim() === '1';
  root.dataset['theme'] = dark ? 'light' : 'dark';
  app.retheme();
}

/** Connects the page's controls to the timeline. */
export function connect(app: App): void {
  const finder = new Search(app);
  const button = (id: string, act: () => void): void =>
    element(id, HTMLButtonElement).addEventListener('click', act);
  button('in', () => app.zoom.step(1));
  button('out', () => app.zoom.step(-1));
  button('fit', () => app.zoom.fit());
  button('theme', () => toggleTheme(app));
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '/') finder.focus();
    else if (element('stage', HTMLElement).contains(document.activeElement) || event.key === 'Escape') {
      if (!Object.hasOwn(keys, event.key)) return;
      keys[event.key]?.(app);
    } else return;
    event.preventDefault();
  });
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
    if (link === null) return;
    event.preventDefault();
    history.replaceState(null, '', link.getAttribute('href'));
    element('timeline', HTMLElement).scrollIntoView();
    follow(app, location.hash);
  });
  window.addEventListener('hashchange', () => follow(app, location.hash));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => app.retheme());
  matchMedia('print').addEventListener('change', () => {
    app.retheme();
    app.draw();
  });
  follow(app, location.hash);
}
