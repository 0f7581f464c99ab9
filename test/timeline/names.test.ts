import { expect, test } from 'vitest';
import { Timeline } from '../../src/timeline/timeline.ts';
import { Kernel } from './kernel/kernel.ts';
import { Removal } from './kernel/removal.ts';
import { draw } from './sketch.ts';

const names = (text: string): (string | null)[] => draw(text).timeline.ufiles.map(({ device }) => device);

/** The names of all ufiles that a kernel's events tell of. */
function namesIn({ events }: Kernel): (string | null)[] {
  const timeline = new Timeline();
  for (const event of events) timeline.apply(event);
  return timeline.ufiles.map(({ device }) => device);
}

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
  expect(namesIn(kernel)).toEqual(['rxe0', 'rxe9', 'rxe9']);
});

test('a name that is read when the number is another device’s already is not put on the ufile of the first', () => {
  const kernel = new Kernel();
  const [device] = kernel.devices;
  if (device === undefined) throw new Error('no device');
  const other = { ...device, name: 'rxe9' };
  kernel.open(1, device);
  new Removal(kernel, 900, device).finish();
  kernel.name(other);
  kernel.open(1, other);
  expect(namesIn(kernel)).toEqual(['rxe0', 'rxe9']);
});

test('where removals do not tell the name, as on 5.10, a number that comes back as another device is named anew', () => {
  const kernel = new Kernel();
  const [device] = kernel.devices;
  if (device === undefined) throw new Error('no device');
  const nameless = { ...device, name: '' };
  const other = { ...device, name: 'rxe9' };
  kernel.name(device);
  kernel.open(1, nameless);
  new Removal(kernel, 900, nameless).finish();
  kernel.open(1, other);
  kernel.name(other);
  expect(namesIn(kernel)).toEqual(['rxe0', 'rxe9']);
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
