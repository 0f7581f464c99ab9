/** Writes a recording until it is killed; says on standard output what it was given, and when. */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openRecording } from '../../src/recording/write.ts';
import { device, Sample } from './sample.ts';

const [path = ''] = process.argv.slice(2);
const tracer = { pid: 300, comm: 'umaptrace' };
const writer = await openRecording(path, { force: true, owner: null });
await writer.place();
const [header = '', event = ''] = new Sample().tell(0, tracer, device()).text.split(/(?<=\n)/);
await writer.write(header);
while (writer.written === 0) await sleep(1);
for (let n = 1; ; n++) {
  await writer.write(event.replace(/^(\w+ \w+) \w+/, `$1 ${n.toString(16)}`));
  writeSync(1, `${n} ${Date.now()}\n`);
  if (n % 5 === 0) await sleep(1);
}
