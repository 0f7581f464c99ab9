/** The histories of VMAs, as they come, in columns. */
import type { UmapEvent } from '../../event/events.gen.ts';
import type { Change, Vma } from '../../timeline/model.ts';
import { escapeText } from '../escape.ts';
import { actor } from '../names.ts';
import { ENTRIES, type EntryColumns, type EntryKind, OUTCOMES } from './data.ts';
import { deltas, Table } from './table.ts';

export type VmaChange = Extract<Change, { what: `vma-${string}` }> | Extract<Change, { what: 'mismatch' }>;

/** More of them make a file that is too large. */
const MOST_ENTRIES = 600_000;

const dying = (event: UmapEvent): number => ('users' in event && event.users === 0 ? 1 : 0);

export class Entries {
  readonly words: Table<string>;
  readonly actors = new Table<string>();
  readonly #starts = new Map<Vma, number>();
  readonly #vmas: Vma[] = [];
  readonly #n: number[] = [];
  readonly #ns: number[] = [];
  readonly #kinds: EntryKind[] = [];
  readonly #actors: number[] = [];
  readonly #fields: (readonly number[])[] = [];
  left = 0;

  constructor(words: Table<string>) {
    this.words = words;
  }

  add(change: VmaChange, vma: Vma): void {
    const { event } = change;
    if (this.#n.length >= MOST_ENTRIES) {
      this.left++;
      return;
    }
    if (change.what === 'vma-born') this.#starts.set(vma, vma.start);
    const [kind, fields] = this.#entry(change, vma);
    this.#vmas.push(vma);
    this.#n.push(event.n);
    this.#ns.push(event.ns);
    this.#kinds.push(kind);
    this.#actors.push(this.actors.place(actor(event)));
    this.#fields.push(fields);
  }

  #entry(change: VmaChange, vma: Vma): [EntryKind, number[]] {
    const from = this.birthStart(vma);
    switch (change.what) {
      case 'vma-born':
        return ['born', [vma.end - vma.start]];
      case 'vma-shrunk':
        return ['shrunk', [vma.start - from, vma.end - vma.start]];
      case 'vma-zapped': {
        const by = change.disassociation === null ? -1 : Number(change.disassociation.id.slice(1));
        return ['zap', [change.address - from, change.size, change.duration, by]];
      }
      case 'vma-touched':
        return ['touch', [change.address - from, change.write ? 1 : 0, OUTCOMES.indexOf(change.outcome)]];
      case 'vma-ended':
        return ['ended', [dying(change.event)]];
      case 'vma-stillborn':
        return ['stillborn', [change.errno]];
      case 'vma-audited': {
        const { pages, absent, dummy, device, unknown, delay } = change;
        return ['audit', [pages, absent, dummy, device, unknown, delay]];
      }
      case 'mismatch':
        return ['mismatch', [this.words.place(escapeText(change.message))]];
    }
  }

  /** Where a VMA lay at its birth; where it lies, when that was not seen or is not among the entries. */
  birthStart(vma: Vma): number {
    return this.#starts.get(vma) ?? vma.start;
  }

  /** The entries of the VMAs that have a place. */
  columns(vmas: Table<Vma>): EntryColumns {
    const places = this.#vmas.map((vma) => vmas.find(vma));
    const chosen = places.flatMap((place, i) => (place < 0 ? [] : [i]));
    const of = (column: readonly number[]): number[] => chosen.map((i) => column[i] ?? 0);
    const kinds = this.#kinds.map((kind) => ENTRIES.indexOf(kind));
    return {
      vma: deltas(of(places)),
      n: deltas(of(this.#n)),
      ns: deltas(of(this.#ns)),
      kind: of(kinds),
      actor: of(this.#actors),
      fields: chosen.flatMap((i) => this.#fields[i] ?? []),
    };
  }
}
