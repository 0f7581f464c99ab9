import { expect, test } from 'vitest';
import { Timeline } from '../../src/timeline/timeline.ts';
import { Kernel } from './kernel/kernel.ts';
import { Removal } from './kernel/removal.ts';
import { draw } from './sketch.ts';

const names = (text: string): (string | null)[] => draw(text).timeline.ufiles.map(({ device }) => device);

test('a name that comes before the open, or after it', () => {
  expect(names('name | P1 open U1')).toEqual(['rxe0']);
  expect(names('P1 open U1 | name')).toEqual(['rxe0']);
  expect(names('P1 open U1 | name dev1')).toEqual([null]);
});

test('a ufile from before the trace is named once its number is told', () => {
  expect(names('name | unseen P1 open U1 | P1 mmap A 1p')).toEqual(['rxe0']);
});

test('a number that comes back as another device', () => {
  const kernel = new Kernel();
  const [device] = kernel.devices;
  if (device === undefined) throw new Error('no device');
  const other = { ...device, name: 'rxe9' };
  kernel.name(device);
  kernel.open(1, device);
  new Removal(kernel, 900, device).finish();
  kernel.open(1, other);
  kernel.name(other);
  kernel.open(1, other);
  const timeline = new Timeline();
  for (const event of kernel.events) timeline.apply(event);
  expect(timeline.ufiles.map(({ device: name }) => name)).toEqual(['rxe0', 'rxe9', 'rxe9']);
});

test('a device that comes back is taken for the old one until told otherwise', () => {
  expect(names('name | P1 open U1 | remove | P1 close U1 | P1 open U2')).toEqual(['rxe0']);
});

test('a disassociation tells its device, by the request or by the ufile', () => {
  const { changes } = draw('P1 open U1 dev1 | remove dev1 | reset');
  const devices = changes.flatMap((change) =>
    'device' in change ? [`${change.what} ${change.device}`] : [],
  );
  expect(devices).toEqual([
    'disassociation-requested rxe1',
    'disassociation-returned rxe1',
    'disassociation-requested rxe0',
    'disassociation-returned rxe0',
  ]);
});
