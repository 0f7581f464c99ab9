/** npm run fuzz [-- --runs N] [--seed S]: spoiled recordings through every report and redact; findings are kept in the corpus. */
import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { mutant } from './recording/mutate.ts';
import { firstWrong } from './recording/survive.ts';

const SAY_EVERY = 2500;

function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('A number, please.');
  return Number(text);
}

const { runs, seed } = new Command()
  .name('npm run fuzz --')
  .option('--runs <n>', 'how many', count, 50_000)
  .option('--seed <n>', 'the first seed', count, 1)
  .parse()
  .opts();

/** Ends the process when a run does not: from another thread, since this one is busy then. */
const current = new Int32Array(new SharedArrayBuffer(4));
const watchdog = new Worker(
  `const { workerData } = require('node:worker_threads');
   let last = -1;
   setInterval(() => {
     const now = Atomics.load(workerData, 0);
     if (now === last) {
       require('node:fs').writeSync(2, 'seed ' + now + ': hangs\\n');
       process.kill(process.pid, 'SIGKILL');
     }
     last = now;
   }, 60000);`,
  { eval: true, workerData: current },
);

let wrongs = 0;
for (let i = 0; i < runs; i++) {
  Atomics.store(current, 0, seed + i);
  const bytes = mutant(seed + i);
  const wrong = firstWrong(bytes);
  if (wrong !== null) {
    wrongs++;
    process.stdout.write(`seed ${seed + i}: ${wrong}\n`);
    writeFileSync(new URL(`recording/corpus/seed-${seed + i}`, import.meta.url), bytes);
  }
  if ((i + 1) % SAY_EVERY === 0) process.stderr.write(`${i + 1} of ${runs}, ${wrongs} wrong\n`);
}
process.stdout.write(`${runs} spoiled recordings from seed ${seed}: ${wrongs} wrong\n`);
process.exitCode = wrongs === 0 ? 0 : 1;
await watchdog.terminate();
