import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { textWords } from '../../src/event/words.ts';
import { Redactor } from '../../src/recording/redact.ts';
import { render } from '../report/render.ts';
import { lifecycle } from './lifecycle.ts';
import { older } from './older.ts';
import { HEADER, kernel, type Sample } from './sample.ts';
import { unplug } from './unplug.ts';

const KEY = Buffer.from('a key');

function redact(bytes: Buffer, key = KEY, chunk = bytes.length): Buffer {
  const redactor = new Redactor(key);
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += chunk) pieces.push(redactor.push(bytes.subarray(at, at + chunk)));
  return Buffer.from([...pieces, redactor.end()].join(''), 'utf8');
}

const samples: [string, Sample][] = [
  ['unplug', unplug()],
  ['lifecycle', lifecycle()],
];

/** What names and addresses have in common: nothing but that they are there, the same for the same. */
function shape(json: string): string {
  const names = new Map<string, string>();
  const known = (value: string, kind: string): string => {
    const name = names.get(value) ?? `${kind}${names.size}`;
    names.set(value, name);
    return name;
  };
  const pointers = json.replace(/0xffff[0-9a-f]{12}/g, (pointer) => known(pointer, 'pointer'));
  const users = Array.from(pointers.matchAll(/"0x([0-9a-f]{11,12})"/g), ([, digits]) =>
    Number.parseInt(`${digits}`, 16),
  );
  const least = Math.min(...users);
  const frames = Array.from(json.matchAll(/"pfn":\s*"0x([0-9a-f]+)"/g), ([, digits]) =>
    Number.parseInt(`${digits}`, 16),
  );
  const leastFrame = Math.min(...frames);
  return pointers
    .replace(
      /"pfn":\s*"0x([0-9a-f]+)"/g,
      (_, digits: string) => `pfn+${Number.parseInt(digits, 16) - leastFrame}`,
    )
    .replace(
      /0x([0-9a-f]{11,12})\b/g,
      (_, digits: string) => `address+${Number.parseInt(digits, 16) - least}`,
    )
    .replace(
      /"(comm|hostname)":\s*"([^"]*)"/g,
      (_, field: string, value: string) => `${field}:${known(value, field)}`,
    )
    .replace(/"path":\s*"([^"]*)"/g, (_, path: string) => `path:${known(path, 'path')}`)
    .replace(/(\S+)\[(\d+)\]|\((comm-\w+|unplug)\)/g, 'process');
}

describe.each(samples)('%s, redacted', (_name, sample) => {
  const redacted = redact(sample.bytes);

  it('is the same twice with one key, in whatever chunks it comes, and another with another key', () => {
    expect(redact(sample.bytes)).toEqual(redacted);
    expect(redact(sample.bytes, KEY, 7)).toEqual(redacted);
    expect(redact(sample.bytes, Buffer.from('another'))).not.toEqual(redacted);
  });

  it('has the same timeline, up to names', () => {
    expect(shape(render('json', redacted))).toBe(shape(render('json', sample.bytes)));
  });

  it('has no address, host, boot id or comm of the original left', () => {
    const text = redacted.toString('utf8');
    const rendered = render('json', redacted) + render('jsonl', redacted);
    for (const secret of [
      HEADER.bootId,
      `"hostname":"${HEADER.hostname}"`,
      'unplug',
      'cycle',
      'slice',
      '.service',
      'kubepods',
      'ffff8881',
      '7f31c5a',
      'fd000',
    ]) {
      expect(text).not.toContain(secret);
      expect(rendered).not.toContain(secret);
    }
    expect(text).not.toContain(kernel(0x1000));
    const comms = sample.text.match(/ 67756c706e75 0 | 1b656c6963796331 /g) ?? [];
    for (const words of comms) expect(text).not.toContain(words);
  });
});

describe('a recording with an escape', () => {
  const bytes = readFileSync(new URL('../golden/recordings/race-fork-6.12.rec', import.meta.url));
  const redacted = redact(bytes);

  it('is convicted as before, by entries that have the names of their frames', () => {
    const pfns = (recording: Buffer): string[] =>
      Array.from(render('text', recording).matchAll(/pfn (0x[0-9a-f]+)/g), ([, pfn = '']) => pfn);
    expect(new Set(pfns(bytes))).toEqual(new Set(['0xfea00']));
    expect(pfns(redacted)).toHaveLength(pfns(bytes).length);
    expect(new Set(pfns(redacted)).size).toBe(1);
    expect(render('text', redacted)).toContain('2 of 2 pages map the device');
    expect(redacted.toString()).not.toMatch(/fea00|15ff310/);
  });
});

describe('redacting', () => {
  const one = (line: string): string => {
    const text = redact(Buffer.from(`${JSON.stringify(HEADER)}\n${line}\n`)).toString();
    return text.split('\n')[1] ?? '';
  };

  it('passes on nothing that cannot be read', () => {
    expect(one('secret host.example.org')).toBe('redacted');
    expect(one('{"secret":1}')).toBe('redacted');
    expect(one('M 0 1 2 7f31c5a00000')).toBe('redacted');
    expect(one('@forking[4711]: 18446612682702848000')).toBe('');
  });

  it('keeps counts and marks, and only those', () => {
    expect(one('@n[3]: 77')).toBe('@n[3]: 77');
    expect(one('Lost 9 events')).toBe('Lost 9 events');
    expect(one('{"mark":{"boot":"1","wall":"2","events":3,"more":"secret"}}')).toBe(
      '{"mark":{"boot":"1","wall":"2","events":3}}',
    );
  });

  it('leaves the functions of a stack, and nothing else that is told as one', () => {
    const words = (name: string): string => textWords(name, 4).join(' ');
    const frame = (name: string): string => `SK 0 0 3e8 1 1 0 0 0 ${words(name)}`;
    expect(one(frame('rdma_umap_open'))).toBe(frame('rdma_umap_open'));
    expect(one(frame('my host'))).not.toContain(words('my host'));
  });

  it('leaves the modules that were attached late: what they are decides over a verdict', () => {
    const late = (name: string): string => `A 0 0 3e8 1 1 0 0 ${textWords(name, 4).join(' ')} 5`;
    expect(one(late('ib_uverbs'))).toBe(late('ib_uverbs'));
  });

  it('keeps what tells one loss from another', () => {
    const line = '{"lost":{"boot":"1","count":3,"map":true}}';
    expect(one(line)).toBe(line);
  });

  it('lets no comm through that a note quotes', () => {
    const note = (text: string): string => JSON.stringify({ note: { text } });
    expect(one(note('the mmap_lock of pid 47 (acme (db): x): f < g'))).toBe(
      note('the mmap_lock of pid 47 (redacted): f < g'),
    );
  });

  it('keeps what lies in which cgroup, and its number', () => {
    const path = (of: string): string =>
      JSON.parse(one(JSON.stringify({ cgroup: { id: 7, path: of } }))).cgroup.path;
    const [outer, inner] = [path('/a.slice'), path('/a.slice/b')];
    expect(inner).toMatch(/^\/cgroup-\w+\/cgroup-\w+$/);
    expect(inner.startsWith(`${outer}/`)).toBe(true);
    expect(path('/')).toBe('/');
    expect(one('{"cgroup":{"id":7,"path":"/"}}')).toBe('{"cgroup":{"id":7,"path":"/"}}');
    expect(path('/a'.repeat(2048)).length).toBe(4096);
  });

  it('keeps an older recording one of its format', () => {
    const old = older(unplug().text, 1);
    const redacted = redact(Buffer.from(old)).toString();
    const shape = (text: string): string[] =>
      text.split('\n').map((line) => (line.startsWith('{') ? '' : `${line[0]} ${line.split(' ').length}`));
    expect(redacted).toContain('"format":1');
    expect(shape(redacted)).toEqual(shape(old));
  });

  it('takes paths and addresses out of notes and reasons', () => {
    expect(one('{"note":{"text":"cannot read /home/me/x at 0xffff8881 of deadbeef01"}}')).toBe(
      '{"note":{"text":"cannot read (redacted) at (redacted) of (redacted)"}}',
    );
  });

  it('gives a filter the name that the comm has', () => {
    const bytes = Buffer.from(
      unplug().text.replace(
        '"filters":{}',
        '"filters":{"comm":"unplug","device":"rxe0","pid":"312","cgroup":"/a/b"}',
      ),
    );
    const [header = ''] = redact(bytes).toString().split('\n');
    const { filters } = JSON.parse(header);
    expect(filters).toMatchObject({
      device: 'rxe0',
      pid: '312',
      cgroup: expect.stringMatching(/^\/cgroup-\w+\/cgroup-\w+$/),
    });
    expect(render('text', redact(bytes))).toContain(`${filters.comm}[312]`);
  });

  it('refuses what is not a recording', () => {
    expect(() => redact(Buffer.from('hello\n'))).toThrow('not a recording');
    expect(() => redact(Buffer.from(`${JSON.stringify({ ...HEADER, format: 9 })}\n`))).toThrow('format 9');
  });
});
