import { expect, test } from 'vitest';
import { Selection } from '../../src/report/select.ts';
import type { Change } from '../../src/timeline/model.ts';
import { Timeline } from '../../src/timeline/timeline.ts';
import { Kernel } from '../timeline/kernel/kernel.ts';
import { Removal } from '../timeline/kernel/removal.ts';

/** Two devices; after the removal of the first, the second one is made again with its number. */
function twoDevices(): Kernel {
  const kernel = new Kernel();
  const [first, second] = kernel.devices;
  if (first === undefined || second === undefined) throw new Error('no two devices');
  const returned = { ...second, rdev: first.rdev };
  kernel.name(first);
  kernel.name(second);
  kernel.open(1, first);
  kernel.open(2, second);
  new Removal(kernel, 900, first).finish();
  new Removal(kernel, 900, second).finish();
  kernel.open(3, returned);
  kernel.name(returned);
  return kernel;
}

/** Reads all changes of a kernel's events. @returns those that are wanted, in words */
function read(kernel: Kernel, selection: Selection): string[] {
  const words = (change: Change): string[] => {
    if (change.what === 'ufile-opened') return [change.ufile.id];
    return change.what === 'disassociation-requested' ? [`removal of ${change.device}`] : [];
  };
  const timeline = new Timeline();
  return kernel.events.flatMap((event) =>
    timeline.apply(event).flatMap((change) => (selection.wants(change) ? words(change) : [])),
  );
}

test.each([
  ['rxe0', ['U1', 'removal of rxe0']],
  ['rxe1', ['U2', 'removal of rxe1', 'U3']],
  ['uverbs0', ['U1', 'removal of rxe0', 'removal of rxe1', 'U3']],
  ['uverbs1', ['U2', 'removal of rxe1']],
  ['rxe7', []],
])('device %s: its ufiles and removals, also where its number was another’s', (device, wanted) => {
  const kernel = twoDevices();
  const first = new Selection({ device });
  read(kernel, first);
  expect(read(kernel, first.again())).toEqual(wanted);
});

test.each([
  [{ ufile: 'U1' }, ['U1', 'removal of rxe0']],
  [{ pid: 2 }, ['U2', 'removal of rxe1']],
  [{ pid: 3, ufile: 'U1' }, []],
])('%j: its ufiles, and removals of their devices', (filters, wanted) => {
  const kernel = twoDevices();
  const first = new Selection(filters);
  read(kernel, first);
  expect(read(kernel, first.again())).toEqual(wanted);
});
