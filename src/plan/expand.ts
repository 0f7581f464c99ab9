import { EVENTS } from '../event/events.gen.ts';
import type { Kernel } from './kernel.ts';

/** Why a probe cannot be made for this kernel. */
export class Unplannable extends Error {
  override name = 'Unplannable';
}

/** How the words of a probe body are to be replaced. */
export interface Expansion {
  readonly kernel: Kernel;
  /** bpftrace text of the i-th argument, a uint64. */
  argument(i: number): string;
  /** In a snapshot events are of `$task`, and are not counted by CPU. */
  readonly snapshot?: {
    /** bpftrace text of what the iterator is at, a uint64. */
    context(member: string): string;
    /** Arguments that a printf takes at most. */
    readonly printfArguments: number;
  };
}

interface Call {
  readonly name: string;
  readonly args: readonly string[];
  readonly end: number;
}

const MACRO =
  /\b(ARG|CTX|U64|U32|STR32|OWNER|CGROUP|OFFSET|SYMBOL|VALUE64|VALUE32|ARCH|OPTIONAL|EMIT)\(|\bRET\b/g;

/** Reads `name(arg, arg)` whose parenthesis opens just before `at`. */
function readCall(source: string, name: string, at: number): Call {
  const args: string[] = [];
  let depth = 1;
  let begin = at;
  for (let i = at; i < source.length; i++) {
    const char = source[i];
    if (char === '(') depth++;
    if (char === ')') depth--;
    if (depth === 0 || (depth === 1 && char === ',')) {
      args.push(source.slice(begin, i).trim());
      begin = i + 1;
    }
    if (depth === 0) return { name, args, end: i + 1 };
  }
  throw new Error(`${name}( is not closed`);
}

function offsetOf(path: string, { kernel }: Expansion): number {
  const offset = kernel.offset(path);
  if (offset === undefined) throw new Unplannable(`this kernel's BTF has no ${path}`);
  return offset;
}

const at = (base: string, offset: number, type: string): string => `*(${type}*)(${base} + ${offset})`;

function expandString([base = '', path = '']: readonly string[], expansion: Expansion): string {
  const offset = expansion.kernel.offset(path);
  return [0, 8, 16, 24].map((i) => (offset === undefined ? '0' : at(base, offset + i, 'uint64'))).join(', ');
}

function expandOwner(mm: string, expansion: Expansion): string {
  const owner = expansion.kernel.offset('mm_struct.owner');
  if (owner === undefined) return '0';
  const tgid = at(at(mm, owner, 'uint64'), offsetOf('task_struct.tgid', expansion), 'uint32');
  return `(uint64)${tgid}`;
}

const CGROUP_ID = ['task_struct.cgroups', 'css_set.dfl_cgrp', 'cgroup.kn', 'kernfs_node.id'];

/** The helper costs a call, the way through the structs four reads; a kernel without cgroups has neither. */
function expandCgroup(task: string, { kernel }: Expansion): string {
  const offsets = CGROUP_ID.map((path) => kernel.offset(path));
  if (offsets.includes(undefined)) return '(uint64)0';
  return task === ''
    ? 'cgroup'
    : offsets.reduce<string>((base, offset) => at(base, offset ?? 0, 'uint64'), task);
}

function commOf(task: string, expansion: Expansion): string[] {
  const comm = offsetOf('task_struct.comm', expansion);
  return [at(task, comm, 'uint64'), at(task, comm + 8, 'uint64')];
}

function expandEmit([name = '', ...fields]: readonly string[], expansion: Expansion): string {
  const event = EVENTS.find((declared) => declared.name === name);
  if (event === undefined) throw new Error(`event ${name} is told but not declared`);
  const words = fields.flatMap((field) => splitWords(field));
  return expansion.snapshot === undefined
    ? emitOfCpu(event.tag, words, expansion)
    : emitOfTask(event.tag, words, expansion, expansion.snapshot.printfArguments);
}

/** How an event gets its number. */
const COUNT = '$n = @n[$cpu] + 1;\n  @n[$cpu] = $n;';

/** The same bpftrace text with events that are not counted. */
export const uncounted = (text: string): string => text.replaceAll(COUNT, '$n = (uint64)0;');

/** Each of the builtins is a helper's call wherever it is named. */
function emitOfCpu(tag: string, words: readonly string[], expansion: Expansion): string {
  const head = ['$cpu', '$n', 'nsecs', 'pid', 'tid', ...commOf('$current', expansion)];
  const format = ['%x', '%llx', '%llx', '%x', '%x', '%llx', '%llx', ...words.map(() => '%llx')].join(' ');
  const keep = `$cpu = cpu;\n  $current = (uint64)curtask;\n  ${COUNT}`;
  return `${keep}\n  printf("${tag} ${format}\\n", ${[...head, ...words].join(', ')})`;
}

/** The current process is whoever takes the snapshot. A line is printed in pieces of `most` words. */
function emitOfTask(tag: string, words: readonly string[], expansion: Expansion, most: number): string {
  const id = (member: string): string =>
    `(uint64)${at('$task', offsetOf(`task_struct.${member}`, expansion), 'uint32')}`;
  const all = ['nsecs', id('tgid'), id('pid'), ...commOf('$task', expansion), ...words];
  const pieces: string[] = [];
  for (let i = 0; i < all.length; i += most) {
    const piece = all.slice(i, i + most);
    const end = i + most >= all.length ? '\\n' : '';
    const begin = i === 0 ? `${tag} 0 0` : '';
    pieces.push(`printf("${begin}${' %llx'.repeat(piece.length)}${end}", ${piece.join(', ')})`);
  }
  return pieces.join(';\n  ');
}

/** A field that was expanded to several words (STR32), as those words. */
const splitWords = (field: string): string[] => readCall(`${field})`, '', 0).args.slice();

function expandOptional(source: string, expansion: Expansion): string {
  try {
    return expand(source, expansion);
  } catch (error) {
    if (error instanceof Unplannable) return '0';
    throw error;
  }
}

/** Words whose arguments are names, not text to expand. */
const VERBATIM: readonly string[] = ['ARG', 'CTX', 'OFFSET', 'SYMBOL', 'VALUE64', 'VALUE32', 'ARCH'];

function expandCall({ name, args }: Call, expansion: Expansion): string {
  if (name === 'OPTIONAL') return expandOptional(args.join(', '), expansion);
  const inner = !VERBATIM.includes(name) ? args.map((arg) => expand(arg, expansion)) : args;
  const [first = '', second = ''] = inner;
  switch (name) {
    case 'ARG':
      return expansion.argument(Number(first));
    case 'CTX':
      return expandContext(first, expansion);
    case 'U64':
      return at(first, offsetOf(second, expansion), 'uint64');
    case 'U32':
      return at(first, offsetOf(second, expansion), 'uint32');
    case 'STR32':
      return expandString(inner, expansion);
    case 'OWNER':
      return expandOwner(first, expansion);
    case 'CGROUP':
      return expandCgroup(first, expansion);
    case 'OFFSET':
      return String(offsetOf(first, expansion));
    case 'SYMBOL':
      return symbolAddress(first, expansion);
    case 'VALUE64':
      return expandValue(first, second, 'uint64', expansion);
    case 'VALUE32':
      return expandValue(first, second, 'uint32', expansion);
    case 'ARCH':
      return expansion.kernel.arch === first ? '1' : '0';
    default:
      return expandEmit(inner, expansion);
  }
}

function expandContext(member: string, { snapshot }: Expansion): string {
  if (snapshot === undefined) throw new Error(`CTX(${member}) outside of an iterator`);
  return snapshot.context(member);
}

function symbolAddress(name: string, { kernel }: Expansion): string {
  const symbol = kernel.symbol(name);
  if (symbol === undefined) throw new Unplannable(`this kernel has no ${name}`);
  return `(uint64)0x${symbol.address}`;
}

/** A variable that the kernel does not have has the value that it is compiled with. */
function expandValue(name: string, otherwise: string, type: string, { kernel }: Expansion): string {
  const symbol = kernel.symbol(name);
  return symbol === undefined ? `(uint64)${otherwise}` : `(uint64)*(${type}*)0x${symbol.address}`;
}

/**
 * bpftrace text of a probe body, its words replaced for one kernel and one way to attach.
 * @throws Unplannable when the kernel lacks a member or symbol
 */
export function expand(source: string, expansion: Expansion): string {
  let out = '';
  let from = 0;
  for (const match of source.matchAll(MACRO)) {
    if (match.index < from) continue;
    out += source.slice(from, match.index);
    if (match[1] === undefined) {
      out += 'retval';
      from = match.index + match[0].length;
      continue;
    }
    const call = readCall(source, match[1], match.index + match[0].length);
    out += expandCall(call, expansion);
    from = call.end;
  }
  return out + source.slice(from);
}
