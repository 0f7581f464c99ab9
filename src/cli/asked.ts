/** Which part of a recording a report is asked for. */
import { EXIT } from '../exit.ts';
import type { RecordingItem } from '../recording/item.ts';
import type { Clock } from '../report/clock.ts';
import { escapeText } from '../report/escape.ts';
import { POINT_FORMS, parsePoint } from '../report/point.ts';
import { Replay, type ReplayOptions } from '../report/replay.ts';
import { type Filters, learning, Selection } from '../report/select.ts';
import type { Tally } from '../report/tally.ts';
import { UserError } from '../user-error.ts';
import type { Progress } from './progress.ts';

/** What was asked for; undefined where nothing was. */
export interface Asked {
  readonly ufile?: string | undefined;
  readonly vma?: string | undefined;
  readonly pid?: number | undefined;
  readonly comm?: string | undefined;
  readonly cgroup?: string | undefined;
  readonly device?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/**
 * A point in time of the recording, ns since its start; undefined when none is given.
 * @param name of the option
 * @throws UserError when it cannot be read
 */
export function point(name: string, text: string | undefined, clock: Clock): number | undefined {
  if (text === undefined) return undefined;
  const ns = parsePoint(text, clock);
  if (ns !== null) return ns;
  throw new UserError(`--${name} ${escapeText(text)} is not a point in time of this recording`, {
    exitCode: EXIT.usage,
    hint: `write ${POINT_FORMS}`,
  });
}

/** Entries that are there. */
const given = <Value>(name: string, value: Value | undefined): Record<string, Value> =>
  value === undefined ? {} : { [name]: value };

/** The ufiles, VMAs and processes that are asked for. */
const thingsOf = (asked: Asked): Filters => ({
  ...given('ufile', asked.ufile),
  ...given('vma', asked.vma),
  ...given('pid', asked.pid),
  ...given('comm', asked.comm),
  ...given('cgroup', asked.cgroup),
  ...given('device', asked.device),
});

/** Whether the recording has to be read twice. */
export const takesTwo = (asked: Asked): boolean => new Selection(thingsOf(asked)).byThing;

/**
 * All that is asked for.
 * @throws UserError when a point in time cannot be read, or there is no time between the two
 */
export function filtersOf(asked: Asked, clock: Clock): Filters {
  const since = point('since', asked.since, clock);
  const until = point('until', asked.until, clock);
  if (since !== undefined && until !== undefined && since > until) {
    throw new UserError(
      `--since ${escapeText(asked.since ?? '')} is later than --until ${escapeText(asked.until ?? '')}`,
      { exitCode: EXIT.usage },
    );
  }
  return { ...thingsOf(asked), ...given('since', since), ...given('until', until) };
}

/**
 * What is asked for; where one reading cannot tell all of it, a first one is made here.
 * @param known its cgroups are given what that learns of them
 */
export async function selectionOf(
  batches: AsyncIterable<RecordingItem[]>,
  filters: Filters,
  progress: Progress,
  known: Pick<ReplayOptions, 'cgroups' | 'windowNs'>,
): Promise<Selection> {
  const selection = new Selection(filters);
  if (!selection.byThing) return selection;
  const replay = new Replay(learning(selection), known);
  for await (const batch of batches) {
    replay.feed(batch);
    progress.tell(replay.tally.events);
  }
  replay.finish();
  return selection.again();
}

/** The names that a recording has, `V1 to V6`. */
const namesUpTo = (letter: string, count: number): string =>
  count === 0 ? `no ${letter}` : count === 1 ? `${letter}1 only` : `${letter}1 to ${letter}${count}`;

/** That nothing of what is asked for is there, and what is. */
export function nothingText(asked: Asked, { ufiles, vmas, untracked }: Tally): string {
  const filters = Object.entries(thingsOf(asked)).map(
    ([name, value]) => `--${name} ${escapeText(String(value))}`,
  );
  const has = [
    ...(asked.ufile === undefined ? [] : [namesUpTo('U', ufiles)]),
    ...(asked.vma === undefined ? [] : [namesUpTo('V', vmas.io + vmas.driver + untracked)]),
  ];
  const known = has.length === 0 ? '' : `; the recording has ${has.join(', ')}`;
  return `nothing matches ${filters.join(' ')}${known}`;
}
