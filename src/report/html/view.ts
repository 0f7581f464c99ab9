/** The timeline as one HTML file that anybody can open: no network, no server. */
import type { UmapEvent } from '../../event/events.gen.ts';
import type { Header } from '../../recording/format.ts';
import type { Change } from '../../timeline/model.ts';
import { type Judgement, NOT_JUDGED } from '../collect.ts';
import { environment } from '../environment.ts';
import { escapeText } from '../escape.ts';
import type { Selection } from '../select.ts';
import { summaryRows } from '../summary.ts';
import type { Tally } from '../tally.ts';
import type { Sink, Trouble, View } from '../view.ts';
import { writeDocument } from './document.ts';
import { Gatherer } from './gather.ts';
import { topHtml } from './top.ts';

export interface HtmlOptions {
  readonly sink: Sink;
  readonly selection: Selection;
  readonly judge?: () => Judgement;
}

const title = ({ hostname, kernel }: Header): string =>
  ['umaptrace', hostname, kernel]
    .filter((text) => text !== '')
    .map(escapeText)
    .join(' · ');

export class HtmlView implements View {
  readonly #options: HtmlOptions;
  readonly #gatherer: Gatherer;
  #header: Header | null = null;

  constructor(options: HtmlOptions) {
    this.#options = options;
    this.#gatherer = new Gatherer(options.selection);
  }

  begin(header: Header): void {
    this.#header = header;
  }

  event(_event: UmapEvent | null, changes: readonly Change[]): void {
    for (const change of changes) this.#gatherer.add(change);
  }

  trouble(trouble: Trouble): void {
    if (trouble.what === 'lost') this.#gatherer.lost(trouble.ns, trouble.count);
  }

  end(tally: Tally): void {
    const header = this.#header;
    if (header === null) return;
    const { sink, judge } = this.#options;
    const judgement = judge?.() ?? NOT_JUDGED;
    const data = this.#gatherer.data(header, tally, judgement);
    const facts = environment(header, tally);
    const top = topHtml({ facts, summary: summaryRows(tally), judgement, data });
    writeDocument({ title: title(header), top, json: JSON.stringify(data) }, sink);
  }
}
