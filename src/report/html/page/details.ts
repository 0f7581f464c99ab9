/** What is known of the selected VMA, in words. */

import { duration } from '../../../time-text.ts';
import { CAUSES } from '../data.ts';
import { element, make } from './element.ts';
import { ancestors } from './lineage.ts';
import type { Entry, Model } from './model.ts';
import { entryText, hex, originOf, processOf, range, stateOf, time, vmaName, wallTime } from './words.ts';

const MOST_ENTRIES = 500;
const MOST_CHILDREN = 60;

export interface DetailsActions {
  readonly select: (vma: number) => void;
  readonly show: (ns: number) => void;
}

const fact = (label: string, ...content: readonly (Node | string)[]): HTMLElement =>
  make('div', make('dt', label), make('dd', ...content));

export class Details {
  readonly #place = element('details', HTMLElement);
  readonly #model: Model;
  readonly #actions: DetailsActions;

  constructor(model: Model, actions: DetailsActions) {
    this.#model = model;
    this.#actions = actions;
  }

  /** Shows a VMA; -1: none. */
  show(vma: number): void {
    if (vma < 0) {
      this.#place.replaceChildren(make('p', 'Select a VMA to see its history and lineage.'));
      return;
    }
    this.#place.replaceChildren(
      make('h3', `${vmaName(this.#model, vma)}  ${processOf(this.#model, this.#model.mm(vma))}`),
      this.#facts(vma),
      ...this.#findings(vma),
      make('h4', 'Lineage'),
      this.#lineage(vma),
      make('h4', 'History'),
      this.#history(vma),
    );
  }

  #facts(vma: number): HTMLElement {
    const model = this.#model;
    const { vmas, ufiles, mms, words } = model.data;
    const ufile = ufiles[vmas.ufile[vma] ?? 0];
    const pfn = vmas.pfn[vma] ?? -1;
    const alive = vmas.lived[vma] === null;
    const lived = (model.end[vma] ?? 0) - (model.born[vma] ?? 0);
    const list = make(
      'dl',
      fact('state', stateOf(model, vma)),
      fact('range', range(model.lastStart[vma] ?? 0, vmas.size[vma] ?? 0)),
      fact('ufile', `${ufile?.id ?? ''} ${ufile?.device ?? ''}`),
      fact('mm', mms[model.mm(vma)]?.pointer ?? ''),
      fact('cgroup', mms[model.mm(vma)]?.cgroup ?? ''),
      fact('pgoff', hex(model.pgoff[vma] ?? 0)),
      fact('flags', words[vmas.flags[vma] ?? 0] || '?'),
      fact(
        'lived',
        `${CAUSES[vmas.cause[vma] ?? 0] === 'snapshot' ? 'at least ' : ''}${duration(lived)}${alive ? ', still mapped at the end' : ''}`,
      ),
    );
    if (pfn >= 0) list.append(fact('pfn', hex(pfn)));
    return list;
  }

  #findings(vma: number): HTMLElement[] {
    const name = vmaName(this.#model, vma);
    const found = this.#model.data.findings.filter(({ about }) => about === name);
    return found.map(({ rule, severity, message }) => {
      const line = make('p', make('b', rule), ` ${message}`);
      line.className = `finding ${severity}`;
      return line;
    });
  }

  #name(vma: number): HTMLButtonElement {
    const button = make('button', vmaName(this.#model, vma));
    button.title = `${originOf(this.#model, vma)}, ${processOf(this.#model, this.#model.mm(vma))}`;
    button.addEventListener('click', () => this.#actions.select(vma));
    return button;
  }

  #lineage(vma: number): HTMLElement {
    const line = make('p');
    line.className = 'lineage';
    for (const ancestor of ancestors(this.#model, vma).toReversed()) line.append(this.#name(ancestor), ' › ');
    line.append(make('b', vmaName(this.#model, vma)));
    const children = this.#model.childrenOf(vma);
    if (children.length > 0) line.append(' › ');
    for (const child of children.subarray(0, MOST_CHILDREN)) line.append(this.#name(child), ' ');
    if (children.length > MOST_CHILDREN) line.append(`and ${children.length - MOST_CHILDREN} more`);
    return line;
  }

  #history(vma: number): HTMLElement {
    const history = this.#model.history(vma);
    const rows = history.slice(0, MOST_ENTRIES).map((entry) => this.#row(vma, entry));
    const list = make('ol', ...rows);
    if (history.length > MOST_ENTRIES) list.append(make('li', `and ${history.length - MOST_ENTRIES} more`));
    return list;
  }

  #row(vma: number, entry: Entry): HTMLElement {
    const when = make('button', time(entry.ns));
    when.title = `event ${entry.n}${wallTime(this.#model, entry.ns) === '' ? '' : `, ${wallTime(this.#model, entry.ns)} UTC`}`;
    when.addEventListener('click', () => this.#actions.show(entry.ns));
    const text = make('span', entryText(this.#model, vma, entry));
    const who = make('small', entry.actor);
    const row = make('li', when, text, who);
    row.className = entry.kind;
    return row;
  }
}
