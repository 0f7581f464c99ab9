/** The timeline of the page: what is selected and seen, and the drawing of it. */

import { Addresses } from './addresses.ts';
import { Details } from './details.ts';
import { element } from './element.ts';
import { Lanes } from './lanes.ts';
import { type Layout, layOut } from './layout.ts';
import { lineage } from './lineage.ts';
import type { Model } from './model.ts';
import { nsAt } from './scale.ts';
import type { Scene } from './scene.ts';
import { readTheme, type Theme } from './theme.ts';
import { processOf, range, stateOf, time, vmaName, wallTime } from './words.ts';
import { Zoom } from './zoom.ts';

export class App {
  readonly model: Model;
  readonly layout: Layout;
  readonly zoom: Zoom;
  readonly #lanes: Lanes;
  readonly #addresses: Addresses;
  readonly #details: Details;
  readonly #status = element('status', HTMLOutputElement);
  readonly #cursor = element('cursor', HTMLElement);
  readonly #stage = element('stage', HTMLElement);
  #theme: Theme = readTheme();
  #selected = -1;
  #lit: Uint8Array | null = null;
  #found: Int32Array | null = null;
  /** A drawing is wanted before the next frame. */
  #waiting = false;
  /** What the timeline was last fitted to. */
  #fitted = '';

  constructor(model: Model) {
    this.model = model;
    this.layout = layOut(model);
    this.#lanes = new Lanes(model, this.layout, () => this.redraw());
    this.#details = new Details(model, {
      select: (vma) => {
        this.select(vma, true);
        this.#stage.focus({ preventScroll: true });
      },
      show: (ns) => this.zoom.centre(ns),
    });
    this.zoom = new Zoom({
      stage: this.#stage,
      axis: element('axis', SVGSVGElement),
      from: model.data.from,
      to: model.data.to,
      changed: () => this.redraw(),
      scrolled: (pixels) => this.#lanes.scrollBy(-pixels),
    });
    this.#addresses = new Addresses(model, {
      select: (vma) => this.select(vma),
      hover: (event, vma) => this.#hover(event, vma),
      changed: () => this.redraw(),
      scene: () => this.#scene(),
    });
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
    if (vma >= 0) this.#addresses.show(this.model.mm(vma));
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
    this.#lanes.scrollTo(y);
  }

  /** Shows a VMA's whole life. */
  showWhole(vma: number): void {
    const [born, end] = [this.model.born[vma] ?? 0, this.model.end[vma] ?? 0];
    const margin = Math.max(500, (end - born) * 0.1);
    this.select(vma, true);
    this.zoom.show(born - margin, end + margin);
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
      if (this.#waiting) this.draw();
    });
  }

  /** Fits the timeline to the window, and draws it again when that has changed. */
  resize(): void {
    this.#lanes.resize();
    const size = [this.#lanes.width, window.innerHeight, window.devicePixelRatio].join(' ');
    if (size === this.#fitted) return;
    this.#fitted = size;
    this.zoom.resize(this.#lanes.width);
    this.redraw();
  }

  draw(): void {
    this.#waiting = false;
    this.zoom.drawAxis();
    const scene = this.#scene();
    this.#lanes.draw(scene);
    this.#addresses.draw(scene, this.#lanes.width);
  }

  /** Where a VMA's bar is on the page, in CSS pixels; null when it is not in view. */
  place(vma: number): { x: number; y: number; width: number; height: number } | null {
    return this.#lanes.place(vma, this.zoom.scale);
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

  #light(): void {
    if (this.#selected >= 0) this.#lit = lineage(this.model, this.#selected);
    else if (this.#found === null) this.#lit = null;
    else {
      this.#lit = new Uint8Array(this.model.count);
      for (const vma of this.#found) this.#lit[vma] = 1;
    }
  }

  #hover(event: MouseEvent, vma: number): void {
    const { left } = this.#lanes.bars.getBoundingClientRect();
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
    const place = range(this.model.lastStart[vma] ?? 0, this.model.data.vmas.size[vma] ?? 0);
    return `${vmaName(this.model, vma)}  ${processOf(this.model, this.model.mm(vma))}  ${place}  ${stateOf(this.model, vma)}`;
  }

  #listen(): void {
    const { bars } = this.#lanes;
    const at = (event: MouseEvent): number => this.#lanes.at(event, this.zoom.scale);
    bars.addEventListener('click', (event) => this.select(at(event)));
    bars.addEventListener('mousemove', (event) => this.#hover(event, at(event)));
    bars.addEventListener('dblclick', (event) => {
      const vma = at(event);
      if (vma >= 0) this.showWhole(vma);
      else this.zoom.step(2);
    });
    new ResizeObserver(() => this.resize()).observe(this.#stage);
    window.addEventListener('resize', () => this.resize());
  }
}
