import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeviceNames } from '../../src/capture/devices.ts';

const RDEV = 231 * 2 ** 20 + 192;
const opened = Buffer.from(`FO 0 1 99 1 1 61 0 0 ffff8881 ${RDEV.toString(16)}\n`);
const leaves = Buffer.from('RB 0 2 99 1 1 61 0 ffff8882\n');
const left = Buffer.from('RE 0 3 99 1 1 61 0 ffff8882\n');

describe('the names of devices', () => {
  const folder = mkdtempSync(join(tmpdir(), 'umaptrace-verbs-'));
  const name = (ibdev: string): void => writeFileSync(join(folder, 'uverbs0', 'ibdev'), `${ibdev}\n`);
  beforeAll(() => {
    mkdirSync(join(folder, 'uverbs0'));
    writeFileSync(join(folder, 'uverbs0', 'dev'), '231:192\n');
    name('rxe0');
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const told = (names: DeviceNames, ...blocks: Buffer[]) =>
    names
      .see(Buffer.concat(blocks), () => 5)
      .map(({ what, ns, rdev, uverbs, name: ibdev }) => {
        return [what, ns, rdev, uverbs, ibdev];
      });

  test('are told when a device is first opened', () => {
    const names = new DeviceNames(folder);
    expect(told(names, leaves)).toEqual([]);
    expect(told(names, opened, opened)).toEqual([['device', 5, RDEV, 'uverbs0', 'rxe0']]);
    expect(told(names, opened)).toEqual([]);
  });

  test('are told anew when one has left, also for the same number', () => {
    const names = new DeviceNames(folder);
    expect(names.untold(1)).toHaveLength(1);
    name('mlx5_0');
    expect(told(names, opened)).toEqual([]);
    expect(told(names, leaves, opened)).toEqual([['device', 5, RDEV, 'uverbs0', 'mlx5_0']]);
  });

  test('are told again when one has left, whatever the order of lines', () => {
    const names = new DeviceNames(folder);
    names.untold(1);
    name('rxe1');
    expect(told(names, opened, leaves)).toEqual([]);
    expect(told(names, left)).toEqual([['device', 5, RDEV, 'uverbs0', 'rxe1']]);
    expect(told(names, opened)).toEqual([]);
  });

  test('are known by where the number stands, whatever follows it', () => {
    const names = new DeviceNames(folder);
    names.untold(1);
    const withMore = Buffer.from(opened.toString().replace('\n', ' 1a2b\n'));
    expect(told(names, withMore)).toEqual([]);
  });

  test('are none where ib_uverbs is not loaded', () => {
    expect(new DeviceNames(join(folder, 'nothing')).untold(1)).toEqual([]);
  });
});
