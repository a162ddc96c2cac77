import type { JoinedRoom, RoomOf } from "../../client/index.ts";
import type { Cell } from "../../client/pixi/index.ts";
import { findElement } from "../gallery/find-element.ts";
import { timeAgo } from "../gallery/time-ago.ts";
import type { Gallery } from "../rooms.ts";
import type { BoardPreset } from "./state.ts";

export type BoardRoom = JoinedRoom<RoomOf<Gallery, "mini-place">>;

/** The mouse rests so long on a cell before it is asked who painted it. */
const REST_MS = 120;

/** Says where the mouse or the cursor is, and who painted there as soon as that is known. */
export class CellCaption {
  readonly #element = findElement("caption", HTMLElement);
  readonly #room: BoardRoom;
  readonly #colors: BoardPreset["colors"];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #cell: Cell | undefined;

  constructor(room: BoardRoom, colors: BoardPreset["colors"]) {
    this.#room = room;
    this.#colors = colors;
  }

  /** Nothing, where there is no cell. */
  show(cell: Cell | undefined): void {
    clearTimeout(this.#timer);
    this.#cell = cell;
    if (cell === undefined) {
      this.#element.textContent = "";
      return;
    }
    const color = this.#room.state.canvas.get(cell.x, cell.y);
    const place = `${cell.x}, ${cell.y} · ${this.#colors[color]?.name ?? ""}`;
    this.#element.textContent = place;
    if (this.#room.isConnected) {
      this.#timer = setTimeout(() => void this.#tellPainter(cell, place), REST_MS);
    }
  }

  /** Somebody painted this cell. */
  handleChange(x: number, y: number): void {
    if (x === this.#cell?.x && y === this.#cell.y) this.show(this.#cell);
  }

  async #tellPainter(cell: Cell, place: string): Promise<void> {
    // Without an answer the place and its colour are told already.
    const painting = await this.#room.request("inspect", cell).catch(() => null);
    if (this.#cell !== cell || !painting) return;
    const { name, ageMs } = painting;
    this.#element.textContent = `${place} · painted by ${name}, ${timeAgo(ageMs)}`;
  }
}
