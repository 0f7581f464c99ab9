/** The second view: one address space, chosen from a list, over time. */
import { prepare } from './canvas.ts';
import { element } from './element.ts';
import { type Grouped, groupBy, type Model } from './model.ts';
import type { Scene } from './scene.ts';
import { Space } from './space.ts';
import { processOf } from './words.ts';

const HEIGHT = 190;

/** What the view does with the page around it. */
export interface AddressesPage {
  readonly select: (vma: number) => void;
  readonly hover: (event: MouseEvent, vma: number) => void;
  readonly changed: () => void;
  readonly scene: () => Scene;
}

export class Addresses {
  readonly #model: Model;
  readonly #page: AddressesPage;
  readonly #byMm: Grouped;
  readonly #canvas = element('addresses', HTMLCanvasElement);
  readonly #list = element('mm', HTMLSelectElement);
  #space: Space | null = null;
  #mm = -1;

  constructor(model: Model, page: AddressesPage) {
    this.#model = model;
    this.#page = page;
    this.#byMm = groupBy(model.data.vmas.mm, model.data.mms.length);
    this.#fill();
    this.#canvas.addEventListener('click', (event) => page.select(this.#at(event)));
    this.#canvas.addEventListener('mousemove', (event) => page.hover(event, this.#at(event)));
    this.#list.addEventListener('change', () => this.show(Number(this.#list.value)));
  }

  /** Shows an address space. */
  show(mm: number): void {
    if (mm === this.#mm) return;
    const { from, order } = this.#byMm;
    this.#mm = mm;
    this.#list.value = String(mm);
    const vmas = Array.from(order.subarray(from[mm] ?? 0, from[mm + 1] ?? 0));
    this.#space = new Space(this.#model, vmas, HEIGHT);
    this.#page.changed();
  }

  /** @param width of the canvas, CSS pixels */
  draw(scene: Scene, width: number): void {
    const canvas = prepare(this.#canvas, width, HEIGHT);
    if (canvas !== null) this.#space?.draw(canvas, scene);
  }

  /** The VMA at a point; -1: none. */
  #at(event: MouseEvent): number {
    const { left, top } = this.#canvas.getBoundingClientRect();
    return this.#space?.at(this.#page.scene(), event.clientX - left, event.clientY - top) ?? -1;
  }

  #fill(): void {
    const { from } = this.#byMm;
    this.#model.data.mms.forEach(({ pointer }, mm) => {
      const count = (from[mm + 1] ?? 0) - (from[mm] ?? 0);
      if (count === 0) return;
      const option = document.createElement('option');
      option.value = String(mm);
      option.textContent = `${processOf(this.#model, mm)}  ${pointer}  ${count} VMA${count === 1 ? '' : 's'}`;
      this.#list.append(option);
    });
    const first = this.#list.options[0];
    if (first !== undefined) this.show(Number(first.value));
  }
}
