/**
 * Timelines drawn as text. A sketch is what programs do, in steps separated by `|`:
 *
 *   P1 open U1 | P1 mmap A 4p | P1 fork P2 | P1 munmap A+1 1p | remove
 *
 *   P1 open U1 [dev1]                  a ufile, of device 0 unless said otherwise
 *   P1 mmap A 4p [U2] [HOW] [FAILURE]  HOW: io (default), siw, rxe, rxe-inlined
 *                                      FAILURE: refused, stillborn, early (or fails)
 *   P1 munmap|mprotect|dontfork A+1 2p [split]
 *   P1 mremap A+1 2p B [split|link|tables], P1 mremap-many A 8p B
 *   P1 touch A+1
 *   P1 fork P2 [fails N]               N copies are made before it fails
 *   P1 clone P2, P1 exec, P1 exit [by P3], P1 close U1
 *   remove [dev1], reset [dev1], name [dev1]
 *   removing [dev1]                    up to the window before the first ufile is zapped;
 *   removed                            the rest of it
 *   audit                              the page tables are read
 *   snapshot                           the iterators tell what every process has
 *
 * Places are letters, a megabyte apart, plus pages. `unseen` before a step: its events are
 * lost. `P1.2` is the second thread of P1.
 */
import type { UmapEvent } from '../../src/event/events.gen.ts';
import type { Change } from '../../src/timeline/model.ts';
import { Timeline } from '../../src/timeline/timeline.ts';
import { audit } from './kernel/audit.ts';
import { Kernel } from './kernel/kernel.ts';
import type { Failure } from './kernel/memory.ts';
import { type MmapFailure, type MmapHow, mmap } from './kernel/mmap.ts';
import { type Device, type KernelOrder, PAGE, type Task, type Ufile } from './kernel/objects.ts';
import { Removal, reset } from './kernel/removal.ts';
import { snapshot } from './kernel/snapshot.ts';
import { picture, story } from './print.ts';

const BASE = 0x7f00_0000_0000;
const LETTER = 0x10_0000;

/** The address of a place such as `A` or `B+2`. */
export function address(place: string): number {
  const [, letter = 'A', pages = '0'] = /^([A-Z])(?:\+(\d+))?$/.exec(place) ?? [];
  return BASE + (letter.charCodeAt(0) - 65) * LETTER + Number(pages) * PAGE;
}

/** The place of an address: the inverse of {@link address}. */
export function place(at: number): string {
  const letter = String.fromCharCode(65 + Math.floor((at - BASE) / LETTER));
  const pages = ((at - BASE) % LETTER) / PAGE;
  return pages === 0 ? letter : `${letter}+${pages}`;
}

const pick = <T extends string>(words: readonly string[], of: readonly T[]): T | undefined =>
  of.find((one) => words.includes(one));

const HOWS: readonly MmapHow[] = ['io', 'siw', 'rxe', 'rxe-inlined'];
const MMAP_FAILURES: readonly MmapFailure[] = ['refused', 'stillborn', 'early'];
const FAILURES: readonly Failure[] = ['split', 'link', 'tables'];

class Sketch {
  readonly kernel: Kernel;
  readonly #ufiles = new Map<string, Ufile>();
  #removal: Removal | null = null;

  constructor(order: KernelOrder) {
    this.kernel = new Kernel(order);
  }

  step(text: string): void {
    const words = text.trim().split(/\s+/);
    this.kernel.log.seen = words[0] !== 'unseen';
    if (words[0] === 'unseen') words.shift();
    const [who = '', ...rest] = words;
    if (/^P\d/.test(who)) this.#process(this.#task(who), rest);
    else this.#device(who, rest);
    this.kernel.log.seen = true;
  }

  #task(name: string): Task {
    const [, pid = '0', thread = '1'] = /^P(\d+)(?:\.(\d+))?$/.exec(name) ?? [];
    return this.kernel.task(Number(pid), thread === '1' ? Number(pid) : Number(pid) * 1000 + Number(thread));
  }

  #ufile(words: readonly string[]): Ufile {
    const ufile = this.#ufiles.get(words.find((word) => /^U\d/.test(word)) ?? 'U1');
    if (ufile === undefined) throw new Error(`no such ufile: ${words.join(' ')}`);
    return ufile;
  }

  #deviceOf(words: readonly string[]): Device {
    const device = this.kernel.devices[words.includes('dev1') ? 1 : 0];
    if (device === undefined) throw new Error('no device');
    return device;
  }

  #device(what: string, words: readonly string[]): void {
    const device = this.#deviceOf(words);
    if (what === 'remove') new Removal(this.kernel, 900, device).finish();
    else if (what === 'removing') this.#removal = new Removal(this.kernel, 900, device);
    else if (what === 'removed') this.#removal?.finish();
    else if (what === 'reset') reset(this.kernel, 901, device);
    else if (what === 'audit') audit(this.kernel);
    else if (what === 'snapshot') this.#snapshot();
    else if (what === 'name') this.kernel.name(device);
    else throw new Error(`no such step: ${what}`);
  }

  #snapshot(): void {
    for (const process of this.kernel.processes.values()) snapshot(this.kernel.log, process);
  }

  #process(task: Task, [what = '', at = '', ...words]: readonly string[]): void {
    const { kernel } = this;
    if (what === 'open') this.#ufiles.set(at, kernel.open(task.pid, this.#deviceOf(words)));
    else if (what === 'close') kernel.close(task.pid, this.#ufile([at]));
    else if (what === 'fork') this.#fork(task, at, words);
    else if (what === 'clone') kernel.cloneVm(task.pid, this.#task(at).pid);
    else if (what === 'exec') kernel.exec(task);
    else if (what === 'exit') kernel.exit(task, at === 'by' ? this.#task(words[0] ?? '') : task);
    else if (what === 'touch') kernel.touch(task, address(at));
    else this.#memory(task, what, address(at), words);
  }

  #fork(task: Task, child: string, words: readonly string[]): void {
    const most = words[0] === 'fails' ? Number(words[1] ?? 99) : undefined;
    this.kernel.fork(task, this.#task(child).pid, most);
  }

  #memory(task: Task, what: string, start: number, [size = '', ...words]: readonly string[]): void {
    const { kernel } = this;
    const pages = Number.parseInt(size, 10);
    const failure = pick(words, FAILURES);
    if (what === 'mmap') {
      const how = pick(words, HOWS) ?? 'io';
      const ended = words.includes('fails') ? 'early' : pick(words, MMAP_FAILURES);
      mmap(kernel, task, { ufile: this.#ufile(words), start, pages, how, failure: ended });
    } else if (what === 'munmap') kernel.munmap(task, start, pages, failure);
    else if (what === 'mprotect') kernel.mprotect(task, start, pages, failure);
    else if (what === 'dontfork') kernel.dontfork(task, start, pages);
    else if (what === 'mremap') kernel.mremap(task, start, pages, address(words[0] ?? ''), failure);
    else if (what === 'mremap-many') kernel.mremapMany(task, start, pages, address(words[0] ?? ''));
    else throw new Error(`no such step: ${what}`);
  }
}

/** The events that the kernel would tell while the steps of a sketch are taken. */
export function events(text: string, order: KernelOrder = 'new'): readonly UmapEvent[] {
  const sketch = new Sketch(order);
  for (const step of text.split('|')) sketch.step(step);
  return sketch.kernel.events;
}

export interface Drawn {
  readonly changes: readonly Change[];
  readonly timeline: Timeline;
  /** What became of it, as a sketch: one step for each change. */
  readonly story: string;
  /** The steps of the story that a sketch can have: what programs did. */
  readonly sketch: string;
  /** What is alive at the end. */
  readonly live: string;
  readonly mismatches: readonly string[];
}

/** The timeline of a sketch. */
export function draw(text: string, order: KernelOrder = 'new'): Drawn {
  const timeline = new Timeline();
  const changes: Change[] = [];
  const steps: string[] = [];
  const take = (told: readonly Change[]): void => {
    changes.push(...told);
    steps.push(...story(told));
  };
  for (const event of events(text, order)) take(timeline.apply(event));
  take(timeline.finish());
  const mismatches = changes.flatMap((change) => (change.what === 'mismatch' ? [change.message] : []));
  const sketch = steps.filter((step) => /^(P\d|remove|reset)/.test(step)).join(' | ');
  return { changes, timeline, story: steps.join(' | '), sketch, live: picture(timeline), mismatches };
}
