/** The floor of reading: the same chunks as umaptrace reads, their line ends found, and nothing else. */
import { createReadStream } from 'node:fs';

let lines = 0;
for await (const chunk of createReadStream(process.argv[2], { highWaterMark: 1 << 18 })) {
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
}
process.stdout.write(`${lines}\n`);
