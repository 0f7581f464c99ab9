/** Holds the BTF reader against bpftool, type by type. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { Btf } from '../../src/plan/btf.ts';
import { installPackage } from '../debian.ts';

/** Debian puts it where a user's PATH often does not look. */
const BPFTOOL = '/usr/sbin/bpftool';
const MAX_DEPTH = 16;
/** Structs and functions that are compared: each so-many-th, for each takes the reader a look at all types. */
const STEPS = { vmlinux: 250, module: 2 } as const;

interface Member {
  readonly name: string;
  readonly type: number;
  readonly bits: number;
}

interface DumpedType {
  readonly kind: string;
  readonly name: string;
  /** The type that it qualifies; a function's prototype. */
  readonly type: number;
  /** Members; parameters of a prototype have bits NaN. */
  readonly members: readonly Member[];
}

const field = (line: string, name: string): number => Number(new RegExp(`\\b${name}=(\\d+)`).exec(line)?.[1]);
const nameOf = (line: string): string => {
  const name = /'(.*?)'/.exec(line)?.[1] ?? '';
  return name === '(anon)' ? '' : name;
};

/** The types of `bpftool btf dump format raw`, by id. */
function parseDump(text: string): Map<number, DumpedType> {
  const types = new Map<number, DumpedType>();
  let members: Member[] = [];
  for (const line of text.split('\n')) {
    const [, id, kind = ''] = /^\[(\d+)\] (\w+)/.exec(line) ?? [];
    if (id === undefined) {
      members.push({ name: nameOf(line), type: field(line, 'type_id'), bits: field(line, 'bits_offset') });
      continue;
    }
    members = [];
    types.set(Number(id), { kind, name: nameOf(line), type: field(line, 'type_id'), members });
  }
  return types;
}

const TRANSPARENT = new Set(['TYPEDEF', 'VOLATILE', 'CONST', 'RESTRICT', 'TYPE_TAG']);

function plain(types: ReadonlyMap<number, DumpedType>, id: number): DumpedType | undefined {
  let type = types.get(id);
  for (let depth = 0; depth < MAX_DEPTH && type !== undefined && TRANSPARENT.has(type.kind); depth++) {
    type = types.get(type.type);
  }
  return type;
}

const isStruct = (type: DumpedType | undefined): boolean => type?.kind === 'STRUCT' || type?.kind === 'UNION';

/** Bit offsets of all named members, also those in anonymous ones, first come first. */
function offsets(
  types: ReadonlyMap<number, DumpedType>,
  type: DumpedType,
  base = 0,
  all: Map<string, number> = new Map(),
): Map<string, number> {
  for (const { name, type: id, bits } of type.members) {
    const inner = name === '' ? plain(types, id) : undefined;
    if (inner !== undefined && isStruct(inner)) offsets(types, inner, base + bits, all);
    else if (!all.has(name)) all.set(name, base + bits);
  }
  return all;
}

/** What differs between the reader and a dump; how much was compared. */
interface Comparison {
  readonly compared: number;
  readonly different: readonly string[];
}

function compare(btf: Btf, types: ReadonlyMap<number, DumpedType>, from: number, step: number): Comparison {
  const own = [...types].filter(([id]) => id >= from).map(([, type]) => type);
  const times = new Map<string, number>();
  for (const { kind, name } of types.values())
    times.set(`${kind} ${name}`, (times.get(`${kind} ${name}`) ?? 0) + 1);
  const unique = own.filter(({ kind, name }) => name !== '' && times.get(`${kind} ${name}`) === 1);
  const different: string[] = [];
  let compared = 0;
  const hold = (what: string, read: unknown, dumped: unknown): void => {
    compared++;
    if (JSON.stringify(read) !== JSON.stringify(dumped))
      different.push(`${what}: ${read}, bpftool: ${dumped}`);
  };
  unique
    .filter(({ kind }) => kind === 'STRUCT')
    .filter((_, i) => i % step === 0)
    .forEach((type) => {
      for (const [member, bits] of offsets(types, type)) {
        const path = `${type.name}.${member}`;
        if (member !== '') hold(path, btf.offset(path), bits % 8 === 0 ? bits / 8 : undefined);
      }
    });
  unique
    .filter(({ kind }) => kind === 'FUNC')
    .filter((_, i) => i % step === 0)
    .forEach(({ name, type }) => {
      const names = types.get(type)?.members.map((it) => (isStruct(plain(types, it.type)) ? '' : it.name));
      hold(`${name}()`, btf.parameters(name), names);
    });
  return { compared, different };
}

/** Installs bpftool when it is missing and that is possible. */
export function installBpftool(): void {
  if (!existsSync(BPFTOOL)) installPackage('bpftool');
}

async function dump(...args: string[]): Promise<Map<number, DumpedType>> {
  const { stdout } = await execa(BPFTOOL, [...args, 'format', 'raw'], { maxBuffer: 1 << 28 });
  return parseDump(stdout);
}

/** Compares the BTF files of a folder, `vmlinux` and those of modules, with what bpftool says of them. */
export async function compareBtf(folder: string, modules: readonly string[]): Promise<Comparison> {
  const path = (name: string): string => join(folder, name);
  const vmlinux = new Btf(await readFile(path('vmlinux')));
  const types = await dump('btf', 'dump', 'file', path('vmlinux'));
  const all = [compare(vmlinux, types, 1, STEPS.vmlinux)];
  for (const module of modules.filter((name) => existsSync(path(name)))) {
    const own = await dump('-B', path('vmlinux'), 'btf', 'dump', 'file', path(module));
    const split = new Btf(await readFile(path(module)), vmlinux);
    all.push(compare(split, new Map([...types, ...own]), types.size + 1, STEPS.module));
  }
  return {
    compared: all.reduce((sum, { compared }) => sum + compared, 0),
    different: all.flatMap(({ different }) => different),
  };
}
