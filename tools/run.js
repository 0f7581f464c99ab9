/**
 * node tools/run.js FILE.ts ARGS...: runs a TypeScript program of the project on a fresh clone:
 * installs the dependencies when they are missing or older than package-lock.json.
 * Plain JavaScript without dependencies, for it runs before there are any.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const changed = (path) =>
  statSync(new URL(`../${path}`, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;

function run(command, args, cwd) {
  const { status, signal, error } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (error) throw error;
  if (signal) process.kill(process.pid, signal);
  return status ?? 1;
}

// A Ctrl-C is for the program, which shares the terminal: it cleans up and ends, then so do we.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

if (changed('node_modules/.package-lock.json') < changed('package-lock.json')) {
  process.stderr.write('installing dependencies (npm ci)\n');
  const status = run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], root);
  if (status !== 0) process.exit(status);
}
process.exitCode = run(process.execPath, ['--import', 'tsx', ...process.argv.slice(2)], root);
