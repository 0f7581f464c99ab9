import { describe, expect, it } from 'vitest';
import { compareMoment, readTruth } from './truth.ts';

const OUTPUT = [
  'noise',
  '{"truth":"do","ns":"5","ns_end":"6","pid":7,"tid":7,"what":"mmap","start":"0x1000","end":"0x3000","ok":true}',
  '{"truth":"maps","ns":"24350404540","pids":[{"pid":7,"maps":[{"start":"0x1000","end":"0x3000","perms":"rw-s","pgoff":"0x0","name":"/dev/infiniband/uverbs0"}]}]}',
].join('\n');

describe('the oracle', () => {
  const [moment] = readTruth(OUTPUT).maps;

  it('finds a live set equal', () => {
    expect(moment && compareMoment(moment, [{ pid: 7, start: 0x1000, end: 0x3000 }])).toEqual({
      compared: 1,
      missing: [],
      surplus: [],
    });
  });

  it.each([
    ['one page too many', [{ pid: 7, start: 0x1000, end: 0x4000 }]],
    ['one page too few', [{ pid: 7, start: 0x2000, end: 0x3000 }]],
    ['another process', [{ pid: 8, start: 0x1000, end: 0x3000 }]],
    ['nothing', []],
  ])('sees %s', (_, live) => {
    const difference = moment && compareMoment(moment, live);
    expect(difference?.missing).toHaveLength(1);
    expect(difference?.surplus).toHaveLength(live.length);
  });
});
