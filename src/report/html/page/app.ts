/** The timeline of the page: what is selected and seen, and the drawing of it. */

import { drawBars } from './bars.ts';
import { Details } from './details.ts';
import { element } from './element.ts';
import { drawBack, drawGaps, drawNames } from './frame.ts';
import { firstWhere, type Layout, layOut } from './layout.ts';
import { lineage } from './lineage.ts';
import { copiesByBirth, drawLines } from './lines.ts';
import { type Grouped, groupBy, type Model } from './model.ts';
import { nsAt, xOf } from './scale.ts';
import type { Scene } from './scene.ts';
import { Space } from './space.ts';
import { readTheme, type Theme } from './theme.ts';
import { processOf, range, stateOf, time, vmaName, wallTime } from './words.ts';
import { Zoom } from './zoom.ts';

const LEAST_HEIGHT = 140;
/** Of the window, for the lanes. */
const MOST_PART = 0.55;
const SPACE_HEIGHT = 190;

/** Sizes a canvas to its place, in device pixels; its drawing is in CSS pixels. */
function prepare(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = window.devicePixelRatio || 1;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  context?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

export class App {
  readonly model: Model;
  readonly layout: Layout;
  readonly zoom: Zoom;
  readonly #copies: Int32Array;
  readonly #byMm: Grouped;
  readonly #details: Details;
  readonly #lanes = element('lanes', HTMLElement);
  readonly #bars = element('bars', HTMLCanvasElement);
  readonly #addresses = element('addresses', HTMLCanvasElement);
  readonly #mm = element('mm', HTMLSelectElement);
  readonly #status = element('status', HTMLOutputElement);
  readonly #cursor = element('cursor', HTMLElement);
  readonly #stage = element('stage', HTMLElement);
  #theme: Theme = readTheme();
  #space: Space | null = null;
  #spaceMm = -1;
  #selected = -1;
  #lit: Uint8Array | null = null;
  #found: Int32Array | null = null;
  #waiting = false;
  /** ms that the last drawing took. */
  drawn = 0;

  constructor(model: Model) {
    this.model = model;
    this.layout = layOut(model);
    this.#copies = copiesByBirth({ model });
    this.#byMm = groupBy(model.data.vmas.mm, model.data.mms.length);
    this.#details = new Details(model, {
      select: (vma) => this.select(vma, true),
      show: (ns) => this.zoom.centre(ns),
    });
    this.zoom = new Zoom({
      stage: this.#stage,
      axis: element('axis', SVGSVGElement),
      from: model.data.from,
      to: model.data.to,
      changed: () => this.redraw(),
      scrolled: (pixels) => {
        this.#lanes.scrollTop -= pixels;
      },
    });
    this.#fillSpaces();
    this.#listen();
    this.select(-1);
    this.resize();
  }

  get selected(): number {
    return this.#selected;
  }

  /** Selects a VMA, -1 for none; `reveal` brings it into view. */
  select(vma: number, reveal = false): void {
    this.#selected = vma;
    this.#details.show(vma);
    if (vma >= 0) this.showSpace(this.model.mm(vma));
    this.#light();
    if (vma >= 0 && reveal) this.reveal(vma);
    this.redraw();
  }

  /** Marks what a search found; null: nothing was searched. */
  mark(found: Int32Array | null): void {
    this.#found = found;
    this.#light();
    this.redraw();
  }

  /** Brings a VMA into view: its row, and some of its time. */
  reveal(vma: number): void {
    const row = this.layout.rows[this.layout.rowOf[vma] ?? 0];
    this.scrollTo((row?.y ?? 0) + (row?.height ?? 0) / 2);
    const { from, to } = this.zoom.scale;
    const [born, end] = [this.model.born[vma] ?? 0, this.model.end[vma] ?? 0];
    if (end < from || born > to) this.zoom.centre((born + end) / 2);
  }

  /** Scrolls so that a place among the lanes is in the middle. */
  scrollTo(y: number): void {
    this.#lanes.scrollTop = y - this.#lanes.clientHeight / 2;
  }

  /** Shows a VMA's whole life. */
  showWhole(vma: number): void {
    const [born, end] = [this.model.born[vma] ?? 0, this.model.end[vma] ?? 0];
    const margin = Math.max(500, (end - born) * 0.1);
    this.select(vma, true);
    this.zoom.show(born - margin, end + margin);
  }

  /** Shows an address space. */
  showSpace(mm: number): void {
    if (mm === this.#spaceMm) return;
    const { from, order } = this.#byMm;
    this.#spaceMm = mm;
    this.#mm.value = String(mm);
    this.#space = new Space(this.model, Array.from(order.subarray(from[mm] ?? 0, from[mm + 1] ?? 0)));
    this.redraw();
  }

  /** Colours have changed. */
  retheme(): void {
    this.#theme = readTheme();
    this.redraw();
  }

  say(text: string): void {
    this.#status.textContent = text;
  }

  /** Draws before the next frame is shown. */
  redraw(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.draw();
    });
  }

  resize(): void {
    const most = Math.max(LEAST_HEIGHT, window.innerHeight * MOST_PART);
    const height = Math.min(most, Math.max(LEAST_HEIGHT, this.layout.height + 4));
    this.#lanes.style.height = `${Math.round(height)}px`;
    this.zoom.resize(this.#lanes.clientWidth);
    this.redraw();
  }

  draw(): void {
    const began = performance.now();
    this.zoom.drawAxis();
    const scene = this.#scene();
    this.#drawLanes(scene);
    const canvas = prepare(this.#addresses, this.#lanes.clientWidth, SPACE_HEIGHT);
    if (canvas !== null) this.#space?.draw(canvas, scene, SPACE_HEIGHT);
    this.drawn = performance.now() - began;
  }

  /** Where a VMA's bar is on the page, in CSS pixels; null when it is not in view. */
  place(vma: number): { x: number; y: number; width: number; height: number } | null {
    const row = this.layout.rows[this.layout.rowOf[vma] ?? -1];
    const { left, top } = this.#bars.getBoundingClientRect();
    const { scale } = this.zoom;
    const x = Math.max(scale.left, xOf(scale, this.model.born[vma] ?? 0));
    const end = Math.min(scale.right, xOf(scale, this.model.end[vma] ?? 0));
    if (row === undefined || end < x) return null;
    return { x: left + x, y: top + row.y - this.#lanes.scrollTop, width: end - x, height: row.height };
  }

  #scene(): Scene {
    return {
      model: this.model,
      layout: this.layout,
      theme: this.#theme,
      scale: this.zoom.scale,
      lit: this.#lit,
      selected: this.#selected,
    };
  }

  #drawLanes(scene: Scene): void {
    const height = this.#lanes.clientHeight;
    const canvas = prepare(this.#bars, this.#lanes.clientWidth, height);
    element('tall', HTMLElement).style.height = `${Math.max(0, this.layout.height - height)}px`;
    if (canvas === null) return;
    const seen = { top: this.#lanes.scrollTop, height };
    canvas.translate(0, -seen.top);
    drawBack(canvas, scene, seen);
    drawBars(canvas, scene, seen);
    drawLines(canvas, scene, this.#copies, seen);
    drawGaps(canvas, scene, seen);
    drawNames(canvas, scene, seen);
  }

  #light(): void {
    if (this.#selected >= 0) this.#lit = lineage(this.model, this.#selected);
    else if (this.#found === null) this.#lit = null;
    else {
      this.#lit = new Uint8Array(this.model.count);
      for (const vma of this.#found) this.#lit[vma] = 1;
    }
  }

  /** The VMA at a point of the lanes; -1: none. */
  #at(event: MouseEvent): number {
    const { left, top } = this.#bars.getBoundingClientRect();
    const x = event.clientX - left;
    const y = event.clientY - top + this.#lanes.scrollTop;
    const { rows, order } = this.layout;
    const row = rows[firstWhere(0, rows.length, (i) => (rows[i]?.y ?? 0) + (rows[i]?.height ?? 0) >= y)];
    if (row === undefined || y < row.y - 2) return -1;
    const { scale } = this.zoom;
    const near = 3 / scale.perNs;
    const ns = nsAt(scale, x);
    const place = firstWhere(row.from, row.to, (at) => (this.model.end[order[at] ?? 0] ?? 0) >= ns - near);
    const vma = order[place] ?? -1;
    return place < row.to && (this.model.born[vma] ?? 0) <= ns + near ? vma : -1;
  }

  #inSpace(event: MouseEvent): number {
    const { left, top } = this.#addresses.getBoundingClientRect();
    return this.#space?.at(this.#scene(), event.clientX - left, event.clientY - top) ?? -1;
  }

  #hover(event: MouseEvent, vma: number): void {
    const { left } = this.#bars.getBoundingClientRect();
    const x = event.clientX - left;
    const ns = nsAt(this.zoom.scale, x);
    this.#cursor.style.transform = `translateX(${x}px)`;
    this.#cursor.hidden = x < this.zoom.scale.left;
    const wall = wallTime(this.model, ns);
    const moment = `${time(ns)} s${wall === '' ? '' : `  ${wall} UTC`}`;
    this.#stage.classList.toggle('over', vma >= 0);
    this.say(vma < 0 ? moment : `${moment}   ${this.#words(vma)}`);
  }

  #words(vma: number): string {
    const { vmas } = this.model.data;
    const place = range(vmas.start[vma] ?? 0, vmas.size[vma] ?? 0);
    return `${vmaName(this.model, vma)}  ${processOf(this.model, this.model.mm(vma))}  ${place}  ${stateOf(this.model, vma)}`;
  }

  #fillSpaces(): void {
    const { from } = this.#byMm;
    this.model.data.mms.forEach(({ pointer }, mm) => {
      const count = (from[mm + 1] ?? 0) - (from[mm] ?? 0);
      if (count === 0) return;
      const option = document.createElement('option');
      option.value = String(mm);
      option.textContent = `${processOf(this.model, mm)}  ${pointer}  ${count} VMA${count === 1 ? '' : 's'}`;
      this.#mm.append(option);
    });
    const first = this.#mm.options[0];
    if (first !== undefined) this.showSpace(Number(first.value));
  }

  #listen(): void {
    this.#bars.addEventListener('click', (event) => this.select(this.#at(event)));
    this.#bars.addEventListener('mousemove', (event) => this.#hover(event, this.#at(event)));
    this.#bars.addEventListener('dblclick', (event) => {
      const vma = this.#at(event);
      if (vma >= 0) this.showWhole(vma);
      else this.zoom.step(2);
    });
    this.#addresses.addEventListener('click', (event) => this.select(this.#inSpace(event)));
    this.#addresses.addEventListener('mousemove', (event) => this.#hover(event, this.#inSpace(event)));
    this.#mm.addEventListener('change', () => this.showSpace(Number(this.#mm.value)));
    this.#lanes.addEventListener('scroll', () => this.redraw());
    new ResizeObserver(() => this.resize()).observe(this.#stage);
  }
}
