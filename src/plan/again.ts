/** What must be attached again when modules have been loaded while a trace runs. */
import { uncounted } from './expand.ts';
import type { Kernel } from './kernel.ts';
import type { Attachment, Plan } from './plan.ts';
import { makeRunnable, type Runnable } from './program.ts';

/** Modules that have functions of the probes. */
export const PROBED_MODULES: readonly string[] = [
  'ib_core',
  'ib_uverbs',
  'ib_uverbs_support',
  'rdma_rxe',
  'rdmavt',
];

const textOf = ({ place, body }: Attachment): string => `${place}\n${body}`;

const writtenMaps = ({ body }: Attachment): string[] =>
  Array.from(body.matchAll(/(@\w+)\[tid\] = /g), ([, map = '']) => map);
const readMaps = ({ body }: Attachment): string[] =>
  Array.from(body.matchAll(/= (@\w+)\[tid\]/g), ([, map = '']) => map);
const tells = ({ body }: Attachment): boolean => body.includes('printf(');

/**
 * The probes of functions that came with a module, those whose text is another one now (a symbol has moved), those that
 * read what these keep, and those that keep what these read: each bpftrace has maps of its own.
 * @param had what is attached
 * @param fresh the plan for the kernel as it is now
 * @param came modules that were loaded
 */
export function attachmentsAgain(
  had: readonly Attachment[],
  fresh: Plan,
  came: ReadonlySet<string>,
): Attachment[] {
  const texts = new Set(had.map(textOf));
  const lost = fresh.attachments.filter((it) => came.has(it.module) || !texts.has(textOf(it)));
  const others = fresh.attachments.filter((it) => !lost.includes(it));
  const kept = new Set(lost.flatMap(writtenMaps));
  const readers = others.filter((it) => readMaps(it).some((map) => kept.has(map)));
  const read = new Set(lost.flatMap(readMaps));
  // One that tells events would tell them twice.
  const keepers = others.filter((it) => !tells(it) && writtenMaps(it).some((map) => read.has(map)));
  return [...new Set([...lost, ...readers, ...keepers])];
}

/** The program of such probes. Its events are not counted: the counts are those of the first program. */
export function programAgain(attachments: readonly Attachment[], fresh: Plan, kernel: Kernel): Runnable {
  const plain = attachments.map((it) => ({ ...it, body: uncounted(it.body) }));
  return makeRunnable({ ...fresh, attachments: plain }, kernel, '');
}
