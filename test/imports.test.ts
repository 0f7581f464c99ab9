import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;

/** What each folder of src/ may import from the others: data goes kernel -> event -> timeline -> check -> report. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  event: [],
  plan: ['event', 'recording', '.'],
  recording: ['event', '.'],
  timeline: ['event', '.'],
  check: ['event', 'timeline', '.'],
  report: ['event', 'recording', 'timeline', 'check', 'doctor', '.'],
  doctor: ['.'],
  capture: ['event', 'plan', 'recording', 'doctor', '.'],
  cli: ['event', 'plan', 'doctor', 'recording', 'timeline', 'check', 'report', 'capture', '.'],
  '.': [],
};

/** Folders that do no IO at all, and the files of others that may. */
const PURE = ['event', 'plan', 'timeline', 'check', 'doctor', 'report'];
const IMPURE_FILES = /^src\/(capture|cli)\/|^src\/recording\/(file|write)\.ts$/;
const IO = /^(node:(fs|child_process|net|http|https|worker_threads|process|tty|readline)(\/.*)?|execa|ora)$/;

const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));

const files = sources('src');
const folderOf = (file: string): string => dirname(relative('src', file)).split('/')[0] ?? '.';

const importsOf = (file: string): string[] =>
  Array.from(
    readFileSync(join(root, file), 'utf8').matchAll(
      /^(?:import|export)\b[^'"]*?from '([^']+)';|^import '([^']+)';|\bimport\('([^']+)'\)/gm,
    ),
    ([, named, bare, lazy]) => named ?? bare ?? lazy ?? '',
  );

describe('import directions', () => {
  it('knows every folder of src/', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => ALLOWED[folder] === undefined)).toEqual([]);
    expect(files.length).toBeGreaterThan(20);
  });

  it.each(files)('%s imports only what it may', (file) => {
    const allowed = [folderOf(file), ...(ALLOWED[folderOf(file)] ?? [])];
    const bad = importsOf(file)
      .filter((path) => path.startsWith('.') && !path.endsWith('package.json'))
      .map((path) => folderOf(join(dirname(file), path)))
      .filter((folder) => !allowed.includes(folder));
    expect(bad).toEqual([]);
  });

  it.each(files.filter((file) => !IMPURE_FILES.test(file)))('%s does no IO', (file) => {
    expect(importsOf(file).filter((path) => IO.test(path))).toEqual([]);
  });

  it('has pure folders without exceptions', () => {
    expect(files.filter((file) => PURE.includes(folderOf(file)) && IMPURE_FILES.test(file))).toEqual([]);
  });

  it('keeps lab/ apart from src/', () => {
    const lab = sources('lab');
    expect(lab.length).toBeGreaterThan(3);
    expect(lab.filter((file) => importsOf(file).some((path) => path.includes('src/')))).toEqual([]);
  });
});
