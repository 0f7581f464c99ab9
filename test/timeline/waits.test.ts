import { expect, test } from 'vitest';
import { ZapWaits } from '../../src/timeline/waits.ts';
import { draw } from './sketch.ts';

test('what an mm was waited for is the time before its first zap, without the zap', () => {
  const waits = new ZapWaits();
  const { timeline, changes } = draw('P1 open U1 | P1 mmap A 1p | P1 fork P2 | reset');
  const [one, two] = timeline.live().map(({ mm }) => mm);
  const [disassociation] = changes.flatMap((change) =>
    change.what === 'disassociation-zapping' ? [change.disassociation] : [],
  );
  if (!one || !two || !disassociation) throw new Error('the sketch told less than expected');
  expect(waits.zapped(disassociation, one, 100, 10)).toBeNull();
  waits.began(disassociation, 100);
  const waited = [
    waits.zapped(disassociation, one, 300, 50),
    waits.zapped(disassociation, one, 350, 50),
    waits.zapped(disassociation, two, 370, 5),
  ];
  expect(waited).toEqual([150, null, 15]);
  waits.ended(disassociation);
  expect(waits.zapped(disassociation, two, 500, 10)).toBeNull();
});
