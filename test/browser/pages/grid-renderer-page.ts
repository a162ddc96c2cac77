import type { GridChange } from "../../../shared/state/cell-changes.ts";
import { GridRenderer, type RendererKind } from "../../../client/pixi/index.ts";

const PALETTE = ["#ffffff", "#ff0000", "#00ff00", "#0000ff"];

/** A grid that changes when the test says so; a joined room's grid looks the same from here. */
class PageGrid {
  readonly width: number;
  readonly height: number;
  readonly cells: Uint8Array;
  #listeners = new Set<(change: GridChange) => void>();

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.cells = new Uint8Array(width * height).map((_, index) => index % PALETTE.length);
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  onChange(listener: (change: GridChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setCells(indices: number[], value: number): void {
    for (const index of indices) this.cells[index] = value;
    const values = new Uint8Array(indices.length).fill(value);
    this.#tell({ kind: "cells", indices: new Uint32Array(indices), values });
  }

  fill(value: number): void {
    this.cells.fill(value);
    this.#tell({ kind: "all" });
  }

  #tell(change: GridChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** What a test can do in this page. */
export class RendererStage {
  readonly grid: PageGrid;
  readonly renderer: GridRenderer;
  readonly painted: string[] = [];
  readonly pointed: string[] = [];

  static async open(width: number, height: number, prefer: RendererKind): Promise<RendererStage> {
    const parent = document.createElement("div");
    parent.style.cssText = "position:absolute;inset:0 auto auto 0;width:400px;height:300px";
    document.body.append(parent);
    const renderer = await GridRenderer.create({ parent, palette: PALETTE, label: "Grid", prefer });
    return new RendererStage(renderer, new PageGrid(width, height));
  }

  private constructor(renderer: GridRenderer, grid: PageGrid) {
    this.renderer = renderer;
    this.grid = grid;
    renderer.attach(grid);
    renderer.onPaint(({ x, y }, input) => this.painted.push(`${x},${y} ${input}`));
    renderer.onPoint((cell) => this.pointed.push(cell ? `${cell.x},${cell.y}` : "none"));
  }

  replaceGrid(width: number, height: number): PageGrid {
    const grid = new PageGrid(width, height);
    this.renderer.attach(grid);
    return grid;
  }

  /** The middle of a cell on the page: the renderer fills its corner. */
  middleOf(x: number, y: number): { x: number; y: number } {
    const { x: left, y: top, size } = this.renderer.cellToScreen({ x, y });
    return { x: left + size / 2, y: top + size / 2 };
  }
}

Object.assign(globalThis, { RendererStage });
