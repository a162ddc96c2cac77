import { SyncError } from "../../shared/errors.ts";
import { Grid } from "../../shared/state/grid.ts";
import { intent, SyncRoom, type CreateContext, type RoomClient } from "../../server/index.ts";
import { refuseMoreRoomsThan } from "../gallery/room-cap.ts";
import type { BoardOptions, Painting, ReplayedPixel, ReplayPage } from "./state.ts";
import {
  boardOf,
  MAX_REPLAYED_PIXELS,
  Place,
  PlaceCell,
  PlacePixel,
  REPLAY_PAGE_PIXELS,
  ReplayIntent,
} from "./state.ts";

const MAX_OPEN_BOARDS = 100;
/** Whose painter is remembered: the newest so many cells. */
const MAX_PAINTINGS = 10_000;
/** Two whole replays, each page by page. */
const REPLAY_LIMIT = {
  count: (2 * MAX_REPLAYED_PIXELS) / REPLAY_PAGE_PIXELS,
  windowMs: 60_000,
};

/** One board on which everybody paints, one pixel at a time. */
export class MiniPlace extends SyncRoom<{ state: Place }> {
  override state = new Place();
  override ticksPerSecond = 20;
  override lingerMs = 10 * 60_000;
  override persistence = {
    key: (options: BoardOptions): string => {
      const { board, size } = boardOf(options);
      return `mini-place-${size}-${board}`;
    },
  };

  /** Read at every intent, so that each board can have its own cooldown. */
  readonly #place = { cooldownMs: 0, audit: true };
  readonly #paintings = new Map<number, { name: string; at: number }>();

  override messages = {
    place: intent(PlacePixel, this.#place, (client, pixel) => this.#paint(client, pixel)),
    /** Who painted a cell; asked when the mouse rests on it. */
    inspect: intent(PlaceCell, { rateLimit: { count: 20, windowMs: 1_000 } }, (_client, cell) =>
      this.#inspect(cell),
    ),
    /** What was painted, page by page, for a replay of it. */
    replay: intent(ReplayIntent, { rateLimit: REPLAY_LIMIT }, (_client, { before, loaded }) =>
      this.#replay(loaded, before),
    ),
  };

  override async onCreate(options: BoardOptions, { restored }: CreateContext): Promise<void> {
    const { size, colors, cooldownMs } = boardOf(options);
    await refuseMoreRoomsThan(MAX_OPEN_BOARDS, this.roomName, "boards");
    this.#place.cooldownMs = cooldownMs;
    if (restored) {
      await this.#recallPaintings();
      return;
    }
    const { width, colors: present } = this.state.canvas;
    if (width === size && present === colors.length) return;
    this.state.canvas = new Grid({ width: size, height: size, colors: colors.length });
  }

  override onJoin(client: RoomClient): void {
    this.#countViewers();
    this.#tellWait(client);
  }

  override onReconnect(client: RoomClient): void {
    this.#countViewers();
    this.#tellWait(client);
  }

  override onDrop(client: RoomClient): void {
    void super.onDrop(client);
    this.#countViewers();
  }

  override onLeave(): void {
    this.#countViewers();
  }

  /** Answers how long its painter waits now: nothing when the cell had that color already. */
  #paint(client: RoomClient, pixel: { x: number; y: number; color: number }): { waitMs: number } {
    const { canvas } = this.state;
    const { x, y, color } = pixel;
    if (x >= canvas.width || y >= canvas.height) {
      const text = `cell ${x}, ${y} is outside of ${canvas.width} × ${canvas.height}`;
      throw new SyncError("payload-invalid", text);
    }
    if (color >= canvas.colors) {
      throw new SyncError("payload-invalid", `color ${color} is not one of ${canvas.colors}`);
    }
    if (!canvas.set(x, y, color)) return { waitMs: 0 };
    const painting = { name: client.user.name, at: this.clock.currentTime };
    this.#note(y * canvas.width + x, painting);
    const { cooldownMs } = this.#place;
    for (const each of this.clients) {
      if (each !== client && each.user.id === client.user.id) each.send("wait", cooldownMs);
    }
    return { waitMs: cooldownMs };
  }

  /** Who painted what, from the room's own log, which has the newest first. */
  async #recallPaintings(): Promise<void> {
    for (const { at, user, payload } of (await this.readAudit(MAX_PAINTINGS)).toReversed()) {
      const pixel = PlacePixel.safeParse(payload).data;
      if (pixel) this.#note(pixel.y * this.state.canvas.width + pixel.x, { name: user.name, at });
    }
  }

  /** The cell painted longest ago is forgotten for one too many. */
  #note(index: number, painting: { name: string; at: number }): void {
    this.#paintings.delete(index);
    this.#paintings.set(index, painting);
    if (this.#paintings.size <= MAX_PAINTINGS) return;
    for (const oldest of this.#paintings.keys()) {
      this.#paintings.delete(oldest);
      return;
    }
  }

  async #replay(loaded: number, before: number | undefined): Promise<ReplayPage> {
    const limit = Math.min(REPLAY_PAGE_PIXELS, MAX_REPLAYED_PIXELS - loaded);
    const entries = await this.readAudit(limit, before);
    const pixels = entries.flatMap(({ at, payload }): ReplayedPixel[] => {
      const pixel = PlacePixel.safeParse(payload).data;
      if (!pixel) return [];
      return [[pixel.x, pixel.y, pixel.color, Math.max(0, this.clock.currentTime - at)]];
    });
    const oldest = entries.at(-1)?.position;
    const isAll = entries.length < limit || loaded + limit >= MAX_REPLAYED_PIXELS;
    return isAll || oldest === undefined ? { pixels } : { pixels, before: oldest };
  }

  /** Another page of the same person may have painted a moment ago. */
  #tellWait(client: RoomClient): void {
    const waitMs = this.cooldownLeftMs(client, "place");
    if (waitMs > 0) client.send("wait", waitMs);
  }

  #inspect(cell: { x: number; y: number }): Painting | null {
    const { width } = this.state.canvas;
    const painting = cell.x < width ? this.#paintings.get(cell.y * width + cell.x) : undefined;
    if (!painting) return null;
    return { name: painting.name, ageMs: this.clock.currentTime - painting.at };
  }

  #countViewers(): void {
    this.state.viewers = this.clients.length;
  }
}
