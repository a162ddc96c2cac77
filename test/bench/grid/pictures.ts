import { SeededRandom } from "../../support/seeded-random.ts";

/** The board that every figure is measured on. */
export const SHAPE = { width: 2_000, height: 2_000, colors: 32 } as const;

/** Cells in rows, as a `Grid` holds them. */
export type Picture = Uint8Array;

export const PICTURES = { place: drawPlace, noise: drawNoise } as const;
export type PictureName = keyof typeof PICTURES;

const SEED = 2_567;
const GLYPH_WIDTH = 5;
const GLYPH_HEIGHT = 7;
/** What the rows of letters look like. */
const GLYPH_ROWS = [".###.", "#...#", "#....", "..#..", "####.", "#####", "#..#.", "##..#"];

/** What people make of a board: flat areas and flags, discs, text, sprites, vandals. */
function drawPlace(): Picture {
  const brush = new Brush(new SeededRandom(SEED));
  for (let at = 0; at < 260; at++) brush.flag();
  for (let at = 0; at < 150; at++) brush.disc();
  for (let at = 0; at < 900; at++) brush.textLine();
  for (let at = 0; at < 120; at++) brush.sprite();
  for (let at = 0; at < 40; at++) brush.ditheredArea();
  brush.vandals(0.01);
  return brush.cells;
}

/** One cell in ten of some colour, anywhere. */
function drawNoise(): Picture {
  const brush = new Brush(new SeededRandom(SEED));
  brush.vandals(0.1);
  return brush.cells;
}

class Brush {
  readonly cells = new Uint8Array(SHAPE.width * SHAPE.height);
  readonly #random: SeededRandom;
  readonly #font: readonly (readonly string[])[];

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#font = Array.from({ length: 36 }, () => this.#glyph());
  }

  /** A rectangle of one to three stripes. */
  flag(): void {
    const { left, top, width, height } = this.#area(40, 300);
    const stripes = this.#random.integer(1, 3);
    for (let stripe = 0; stripe < stripes; stripe++) {
      const first = Math.floor((height * stripe) / stripes);
      const color = this.#color();
      this.#paint(left, top + first, width, Math.ceil(height / stripes), () => color);
    }
  }

  disc(): void {
    const { left, top, width } = this.#area(16, 160);
    const radius = width / 2;
    const color = this.#color();
    this.#paint(left, top, width, width, (x, y) =>
      Math.hypot(x - radius, y - radius) < radius ? color : undefined,
    );
  }

  textLine(): void {
    const letters = this.#random.integer(6, 30);
    const scale = this.#random.integer(1, 2);
    const left = this.#random.integer(0, SHAPE.width - 1);
    const top = this.#random.integer(0, SHAPE.height - 1);
    const color = this.#color();
    for (let at = 0; at < letters; at++) {
      const glyph = this.#random.pick(this.#font);
      const start = left + at * (GLYPH_WIDTH + 1) * scale;
      this.#paint(start, top, GLYPH_WIDTH * scale, glyph.length * scale, (x, y) =>
        glyph[Math.floor(y / scale)]!.charAt(Math.floor(x / scale)) === "#" ? color : undefined,
      );
    }
  }

  /** Pixel art: few colours, symmetric, each of its pixels some cells wide. */
  sprite(): void {
    const { left, top, width, height } = this.#area(24, 96);
    const scale = this.#random.integer(1, 4);
    const colors = Array.from({ length: 6 }, () => this.#color());
    const columns = Math.ceil(width / scale);
    const pixels = Array.from({ length: columns * Math.ceil(height / scale) }, () =>
      this.#random.pick(colors),
    );
    this.#paint(left, top, width, height, (x, y) => {
      const column = Math.floor(Math.min(x, width - 1 - x) / scale);
      return pixels[Math.floor(y / scale) * columns + column];
    });
  }

  ditheredArea(): void {
    const { left, top, width, height } = this.#area(40, 120);
    const [one, other] = [this.#color(), this.#color()];
    this.#paint(left, top, width, height, (x, y) => ((x + y) % 2 === 0 ? one : other));
  }

  /** Sets this share of the cells, at random. */
  vandals(share: number): void {
    for (let left = Math.round(this.cells.length * share); left > 0; left--) {
      this.cells[this.#random.integer(0, this.cells.length - 1)] = this.#color();
    }
  }

  #paint(
    left: number,
    top: number,
    width: number,
    height: number,
    colorAt: (x: number, y: number) => number | undefined,
  ): void {
    const right = Math.min(width, SHAPE.width - left);
    const bottom = Math.min(height, SHAPE.height - top);
    for (let y = 0; y < bottom; y++) {
      for (let x = 0; x < right; x++) {
        const color = colorAt(x, y);
        if (color !== undefined) this.cells[(top + y) * SHAPE.width + left + x] = color;
      }
    }
  }

  #area(min: number, max: number): { left: number; top: number; width: number; height: number } {
    return {
      left: this.#random.integer(0, SHAPE.width - 1),
      top: this.#random.integer(0, SHAPE.height - 1),
      width: this.#random.integer(min, max),
      height: this.#random.integer(min, max),
    };
  }

  #color(): number {
    return this.#random.integer(0, SHAPE.colors - 1);
  }

  #glyph(): string[] {
    return Array.from({ length: GLYPH_HEIGHT }, () => this.#random.pick(GLYPH_ROWS));
  }
}
