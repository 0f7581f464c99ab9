/** `npm run bench`: measures, prints tables, and with --write puts them into docs/performance.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { costParts } from './cost.ts';
import { markdown, type Table } from './figures.ts';
import { instructionsPart } from './instructions.ts';
import { livePart } from './live.ts';
import { peersPart } from './peers.ts';
import { ratePart } from './rate.ts';
import { largePart, readPart } from './read.ts';
import { startPart } from './start.ts';

const PAGE = fileURLToPath(new URL('../docs/performance.md', import.meta.url));

type Part = (rounds: number) => Promise<Table[]>;

const PARTS: Readonly<Record<string, Part>> = {
  read: async (rounds) => [await readPart(rounds)],
  large: async () => [await largePart()],
  peers: async (rounds) => [await peersPart(rounds)],
  instructions: async (rounds) => [await instructionsPart(rounds)],
  trace: costParts,
  start: async (rounds) => [await startPart(rounds)],
  rate: async () => [await ratePart()],
  live: async () => [await livePart()],
};

function partNames(text: string): string[] {
  const names = text.split(',');
  const unknown = names.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown === undefined) return names;
  throw new InvalidArgumentError(`there is no part ${unknown}; there are ${Object.keys(PARTS).join(', ')}`);
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('a whole number above 0 is wanted');
}

const program = new Command('npm run bench --')
  .description('Measures what tracing and reading cost, beside what one would use instead.')
  .option('--only <parts>', `some of ${Object.keys(PARTS).join(', ')}`, partNames, Object.keys(PARTS))
  .option('--rounds <n>', 'rounds of each comparison', positive, 5)
  .option('--write', 'put the tables into docs/performance.md');

/** When, where and by which command a table was made. */
function origin(part: string, rounds: number): string {
  const [cpu] = cpus();
  const machine = `${cpus().length} cores of ${cpu?.model.trim() ?? 'an unknown processor'}, Node ${process.version}`;
  const day = new Date().toISOString().slice(0, 10);
  return `<sub>${machine}, ${day}: \`npm run bench -- --only ${part} --rounds ${rounds}\`</sub>\n`;
}

function write({ part }: Table, text: string): void {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [`<!-- bench:${part} -->\n`, `<!-- end of bench:${part} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no place for ${part}`);
  writeFileSync(PAGE, `${page.slice(0, from + begin.length)}${text}${page.slice(to)}`);
}

program.parse();
const { only, rounds, write: toPage } = program.opts();
for (const name of only) {
  for (const table of (await PARTS[name]?.(rounds)) ?? []) {
    const text = `${markdown(table)}\n${origin(name, rounds)}`;
    process.stdout.write(`\n${table.part}\n\n${text}`);
    if (toPage === true) write(table, text);
  }
}
