/** The stretch of time that is seen, and what changes it: wheel, drag, keys, links. */
import { axisTop } from 'd3-axis';
import { type ScaleLinear, scaleLinear } from 'd3-scale';
import { select } from 'd3-selection';
import {
  type D3ZoomEvent,
  type ZoomBehavior,
  type ZoomTransform,
  zoom,
  zoomIdentity,
  zoomTransform,
} from 'd3-zoom';
import { GUTTER, makeScale, type Scale } from './scale.ts';
import { time } from './words.ts';

/** Time around what is shown at first, as a part of it. */
const MARGIN = 0.03;
const TICK_WIDTH = 110;
const STEP = 1.6;

export interface ZoomOptions {
  readonly stage: HTMLElement;
  readonly axis: SVGSVGElement;
  readonly from: number;
  readonly to: number;
  readonly changed: () => void;
  /** A drag went so many pixels down. */
  readonly scrolled: (pixels: number) => void;
}

export class Zoom {
  readonly #options: ZoomOptions;
  readonly #zoom: ZoomBehavior<HTMLElement, unknown>;
  readonly #base: ScaleLinear<number, number>;
  #width = 0;

  constructor(options: ZoomOptions) {
    this.#options = options;
    const margin = (options.to - options.from) * MARGIN;
    this.#base = scaleLinear([options.from - margin, options.to + margin], [GUTTER, GUTTER + 1]);
    this.#zoom = zoom<HTMLElement, unknown>()
      .scaleExtent([1, Math.max(1, (options.to - options.from) / 200)])
      .filter((event: Event) => wanted(event))
      .on('zoom', (event: D3ZoomEvent<HTMLElement, unknown>) => this.#moved(event));
    select(options.stage).call(this.#zoom).on('dblclick.zoom', null);
    options.stage.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
  }

  /** Fits the drawing to a width in pixels; what is seen stays. */
  resize(width: number): void {
    if (width === this.#width) return;
    const [from, to] = this.#scale().domain();
    this.#width = width;
    this.#base.range([GUTTER, width]);
    this.#zoom
      .extent([
        [GUTTER, 0],
        [width, 1],
      ])
      .translateExtent([
        [GUTTER, Number.NEGATIVE_INFINITY],
        [width, Number.POSITIVE_INFINITY],
      ]);
    if (from !== undefined && to !== undefined) this.show(from, to);
  }

  get scale(): Scale {
    const [from = 0, to = 1] = this.#scale().domain();
    return makeScale(from, to, this.#width);
  }

  /** Shows a stretch of time. */
  show(from: number, to: number): void {
    const [left, right] = [this.#base(from), this.#base(to)];
    const [least, most] = this.#zoom.scaleExtent();
    const k = Math.min(most, Math.max(least, (this.#width - GUTTER) / Math.max(1e-9, right - left)));
    const x = (GUTTER + this.#width) / 2 - (k * (left + right)) / 2;
    this.#apply(zoomIdentity.translate(x, 0).scale(k));
  }

  /** Brings a moment into the middle. */
  centre(ns: number): void {
    const { from, to } = this.scale;
    const half = (to - from) / 2;
    this.show(ns - half, ns + half);
  }

  /** Zooms in (above zero) or out by steps. */
  step(steps: number): void {
    this.#zoom.scaleBy(select(this.#options.stage), STEP ** steps);
  }

  /** Moves by a part of what is seen. */
  pan(part: number): void {
    const { k } = zoomTransform(this.#options.stage);
    this.#zoom.translateBy(select(this.#options.stage), (-part * (this.#width - GUTTER)) / k, 0);
  }

  /** Shows everything. */
  fit(): void {
    this.#apply(zoomIdentity);
  }

  drawAxis(): void {
    const scale = this.#scale();
    const count = Math.max(2, Math.floor((this.#width - GUTTER) / TICK_WIDTH));
    const [first = 0, second = first + 1] = scale.ticks(count);
    const digits = Math.min(9, Math.max(0, Math.ceil(-Math.log10(Math.abs(second - first) / 1e9) - 1e-9)));
    const axis = axisTop<number>(scale)
      .ticks(count)
      .tickSizeOuter(0)
      .tickFormat((ns) => `${time(ns, digits)} s`);
    select(this.#options.axis).selectChild<SVGGElement>('g').call(axis);
  }

  #scale(): ScaleLinear<number, number> {
    return zoomTransform(this.#options.stage).rescaleX(this.#base.copy());
  }

  #apply(transform: ZoomTransform): void {
    this.#zoom.transform(select(this.#options.stage), transform);
  }

  #moved({ sourceEvent }: D3ZoomEvent<HTMLElement, unknown>): void {
    if (sourceEvent instanceof MouseEvent && sourceEvent.type === 'mousemove') {
      this.#options.scrolled(sourceEvent.movementY);
    }
    this.#options.changed();
  }

  /** Sideways: pans. Up and down are d3-zoom's. */
  #wheel(event: WheelEvent): void {
    if (!isSideways(event)) return;
    event.preventDefault();
    const pixels = event.deltaX === 0 ? event.deltaY : event.deltaX;
    this.pan(pixels / Math.max(1, this.#width - GUTTER));
  }
}

const isSideways = (event: WheelEvent): boolean =>
  event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);

/** Whether d3-zoom takes a gesture: not one on a control, nor one with another button. */
function wanted(event: Event): boolean {
  if (event instanceof WheelEvent) return !isSideways(event);
  if (event.target instanceof Element && event.target.closest('select, button, label') !== null) return false;
  return !(event instanceof MouseEvent) || event.button === 0;
}
