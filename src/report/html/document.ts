/** The HTML file around what it shows: one file, which may load nothing and run nothing but its own script. */
import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import type { Sink } from '../view.ts';
import { escapeHtml } from './escape.ts';
import { PAGE_SCRIPT, PAGE_STYLE } from './page.gen.ts';

const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Computed once: the script and the style are always the same. */
const POLICY = [
  "default-src 'none'",
  `script-src ${hash(PAGE_SCRIPT)}`,
  `style-src ${hash(PAGE_STYLE)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const STATES = ['mapped', 'zapped', 'touched', 'escaped', 'driver', 'unknown'] as const;
const STATE_TEXT: Readonly<Record<(typeof STATES)[number], string>> = {
  mapped: 'mapped',
  zapped: 'zapped',
  touched: 'touched after zap',
  escaped: 'escaped',
  driver: 'driver-managed',
  unknown: 'unknown',
};
const MARKS = [
  ['zap', 'zap'],
  ['touch', 'touch'],
  ['sigbus', 'SIGBUS'],
  ['line', 'fork, split, move'],
  ['window', 'disassociation'],
  ['gap', 'lost events'],
] as const;

const legend = (): string => {
  const states = STATES.map((state) => `<span><i class="bar ${state}"></i>${STATE_TEXT[state]}</span>`);
  const marks = MARKS.map(([mark, text]) => `<span><i class="mark ${mark}"></i>${text}</span>`);
  return `<div class="legend">${[...states, ...marks].join('')}</div>`;
};

const TOOLS = `<div class="tools" role="toolbar" aria-label="Timeline">
<input id="search" type="search" placeholder="pid, comm, cgroup, address, V7" aria-label="Search by pid, comm, cgroup, address or name" spellcheck="false">
<button id="before" title="Previous match">↑</button><button id="after" title="Next match">↓</button>
<output id="matches"></output>
<span class="grow"></span>
<button id="in" title="Zoom in (+)">+</button><button id="out" title="Zoom out (-)">−</button><button id="fit" title="Show all (0)">fit</button>
<button id="theme" title="Light or dark">◐</button></div>`;

const HELP = `<p class="help"><kbd>wheel</kbd> zooms, <kbd>drag</kbd> or <kbd>shift</kbd>+<kbd>wheel</kbd> pans, <kbd>click</kbd> selects,
<kbd>double click</kbd> shows a VMA whole; <kbd>+</kbd> <kbd>−</kbd> <kbd>0</kbd> zoom, <kbd>←</kbd> <kbd>→</kbd> <kbd>↑</kbd> <kbd>↓</kbd> pan,
<kbd>[</kbd> <kbd>]</kbd> previous and next VMA, <kbd>p</kbd> <kbd>c</kbd> parent and child, <kbd>/</kbd> searches, <kbd>Esc</kbd> clears</p>`;

const STAGE = `<div id="view"><div id="stage" tabindex="0" role="application" aria-label="VMAs over time; the text report has the same content">
<svg id="axis" aria-hidden="true"><g transform="translate(0,25)"></g></svg>
<div id="lanes"><canvas id="bars"></canvas><div id="tall"></div></div>
<div id="space"><label>Address space <select id="mm"></select></label><canvas id="addresses"></canvas></div>
<div id="cursor" hidden></div><output id="status"></output></div>
<aside id="details" aria-live="polite"></aside></div>`;

export interface Document {
  readonly title: string;
  readonly top: string;
  /** What the script is given, as JSON. */
  readonly json: string;
}

/** Writes the file. */
export function writeDocument({ title, top, json }: Document, sink: Sink): void {
  const name = escapeHtml(title);
  sink(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${name}</title>
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style>${PAGE_STYLE}</style></head><body>
<header><h1>${name}</h1></header>
${top}
<section id="timeline"><h2>Timeline</h2><noscript><p>The timeline is drawn by a script.</p></noscript>
${TOOLS}${legend()}${STAGE}${HELP}</section>
`);
  sink('<script id="data" type="text/plain">');
  sink(deflateRawSync(json).toString('base64'));
  sink(`</script>\n<script>${PAGE_SCRIPT}</script></body></html>\n`);
}
