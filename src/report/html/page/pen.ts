/** Rectangles on a canvas; those that are narrower than can be seen apart become one. */
export class Pen {
  readonly #canvas: CanvasRenderingContext2D;
  #colour = '';
  #x0 = 0;
  #x1 = 0;
  #y = 0;
  #height = 0;

  constructor(canvas: CanvasRenderingContext2D) {
    this.#canvas = canvas;
  }

  rect(x0: number, x1: number, y: number, height: number, colour: string): void {
    const follows = colour === this.#colour && y === this.#y && x0 - this.#x1 < 1 && x1 - x0 < 3;
    if (follows) {
      this.#x1 = Math.max(this.#x1, x1);
      return;
    }
    this.flush();
    this.#colour = colour;
    this.#x0 = x0;
    this.#x1 = x1;
    this.#y = y;
    this.#height = height;
  }

  flush(): void {
    if (this.#colour === '') return;
    this.#canvas.fillStyle = this.#colour;
    this.#canvas.fillRect(this.#x0, this.#y, this.#x1 - this.#x0, this.#height);
    this.#colour = '';
  }
}
