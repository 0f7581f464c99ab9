/** Tells a guest what its first processor has cost the host: its own clock counts what the host did meanwhile, too. */
import { access, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 10;
/** What QEMU calls the thread of the guest's CPU 0 (lab/qemu.ts: debug-threads). */
const THREAD = /^CPU 0\//;

const there = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The schedstat of the thread that is CPU 0 of the guest which has a folder shared. */
async function findThread(share: string): Promise<string> {
  for (const pid of await readdir('/proc')) {
    const command = /^\d+$/.test(pid) ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') : '';
    if (!command.startsWith('qemu-system') || !command.includes(share)) continue;
    for (const tid of await readdir(`/proc/${pid}/task`)) {
      const task = `/proc/${pid}/task/${tid}`;
      if (THREAD.test(await readFile(`${task}/comm`, 'utf8'))) return `${task}/schedstat`;
    }
  }
  throw new Error('QEMU has no thread for CPU 0');
}

/** Answers each file `ask` in the shared folder with a file `told`: ns of processor time so far. Ends when `given` is aborted. */
export async function tellProcessorTime(share: string, given: AbortSignal): Promise<void> {
  const schedstat = await findThread(share);
  while (!given.aborted) {
    if (await there(join(share, 'ask'))) {
      const [ns = ''] = (await readFile(schedstat, 'utf8')).split(' ');
      await rm(join(share, 'ask'));
      await writeFile(join(share, 'told.new'), `${ns}\n`);
      await rename(join(share, 'told.new'), join(share, 'told'));
    }
    await sleep(LOOK_EVERY_MS);
  }
}
