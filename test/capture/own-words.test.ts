import { describe, expect, test } from 'vitest';
import { type Loss, OwnWords } from '../../src/capture/own-words.ts';

const PLACE = '  @in_f[tid] = ((uint64)arg0, nsecs);\n  ~~~~~~~~~~\n';
const ADVICE = 'Additional Info - helper: map_update_elem, retcode: -7\n';
const FULL = "WARNING: Map full; can't update element. Try increasing max_map_keys config";
/** As they were seen, with the place in the program. */
const OLD = `stdin:1:39-40: WARNING: Failed to map_update_elem: Argument list too long (-7)\n${PLACE}`;
const NEW = `stdin:1:28-42: ${FULL}\n${ADVICE}${PLACE}\n`;
const NEWEST = `stdin:1:28-42: ${FULL} or manually setting the max entries in a map declaration e.g. \`let @a = hash(5000)\`\n${ADVICE}${PLACE}`;

/** What is left of blocks, and what was told to be lost. */
function heard(...blocks: readonly string[]): { rest: string; lost: [number, Loss][] } {
  const lost: [number, Loss][] = [];
  const own = new OwnWords((...loss) => lost.push(loss));
  const rest = blocks.map((block) => own.without(Buffer.from(block)).toString()).join('');
  return { rest, lost };
}

describe('what a bpftrace says of itself', () => {
  test.each([
    ['0.17', OLD],
    ['0.23', NEW],
    ['0.27', NEWEST],
  ])('a map that was full is a loss (%s)', (_, warning) => {
    const left = { rest: 'O 0 1 5\nU 0 2 6\n', lost: [[1, 'map']] };
    expect(heard(`O 0 1 5\n${warning}U 0 2 6\n`)).toEqual(left);
    const lines = warning.match(/.*\n/g) ?? [];
    expect(heard('O 0 1 5\n', ...lines, 'U 0 2 6\n')).toEqual(left);
  });

  test('so is what its buffers had no room for', () => {
    expect(heard('O 0 1 5\nLost 17 events\nU 0 2 6\n')).toEqual({
      rest: 'O 0 1 5\nU 0 2 6\n',
      lost: [[17, 'buffers']],
    });
  });

  test('the losses of a block are told as one', () => {
    const many = `${NEW}${NEW}Lost 2 events\n${NEW}Lost 3 events\n`;
    expect(heard(many)).toEqual({
      rest: '',
      lost: [
        [5, 'buffers'],
        [3, 'map'],
      ],
    });
  });

  test('another warning is none', () => {
    expect(heard(`stdin:3:1-2: WARNING: Addrspace is not set\n${PLACE}ERROR: no such probe\n`)).toEqual({
      rest: 'ERROR: no such probe\n',
      lost: [],
    });
  });

  test('blank lines that bpftrace prints elsewhere are left, and so is what looks like an excerpt', () => {
    const text = 'O 0 1 5\n\n\n  @n[1]: 5\n';
    expect(heard(text)).toEqual({ rest: text, lost: [] });
  });

  test('a block in which it says nothing is given as it is', () => {
    const block = Buffer.from('O 0 1 5\n');
    expect(new OwnWords(() => {}).without(block)).toBe(block);
  });
});
