import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const script = fileURLToPath(new URL('endurance.ts', import.meta.url));
const EVENTS = Number(process.env['UMAPTRACE_EVENTS'] ?? 5_000_000);

test('5 million events with 1,000 VMAs alive stay under 200 MB', { timeout: 600_000 }, async () => {
  const args = ['--import', 'tsx', script, String(EVENTS), '1000'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ live: 1000, mismatches: 0 });
  expect(result.events).toBeGreaterThanOrEqual(EVENTS);
  expect(result.hwmMb).toBeLessThan(200);
});
