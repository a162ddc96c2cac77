import { connect, SyncError } from "../../client/index.ts";
import { type Cell, GridRenderer, gridToPng, type PaintInput } from "../../client/pixi/index.ts";
import { findElement } from "../gallery/find-element.ts";
import { LivePage } from "../gallery/live-page.ts";
import { saveFile } from "../gallery/save-file.ts";
import { PageMemory } from "../gallery/page-memory.ts";
import { secondsIn } from "../gallery/sentences.ts";
import { Swatches } from "../gallery/swatches.ts";
import { WaitBar } from "../gallery/wait-bar.ts";
import type { Gallery } from "../rooms.ts";
import { openAt, TOUCH_ZOOM, viewOf } from "./board-view.ts";
import { type BoardRoom, CellCaption } from "./cell-caption.ts";
import { ReplayBar } from "./replay-bar.ts";
import { ReplayGrid } from "./replay-grid.ts";
import { BOARD_SIZES, boardOf, DEFAULT_BOARD, DEFAULT_SIZE, MAX_REPLAYED_PIXELS } from "./state.ts";
import type { BoardOptions, BoardPreset, ReplayedPixel, ReplayPage } from "./state.ts";

type Board = BoardPreset & { board: string; size: number };

/** A finger is too thick for cells smaller than this, in CSS pixels: it zooms in first. */
const MIN_TOUCH_ZOOM = 10;
const FIRST_COLOR = 1;

const realtime = connect<Gallery>(location.origin.replace(/^http/, "ws"));
const page = new LivePage(realtime);
const { sentences } = page;
const memory = new PageMemory();

/** One visitor on one board. */
class BoardPage {
  readonly #room: BoardRoom;
  readonly #renderer: GridRenderer;
  readonly #colors: Board["colors"];
  readonly #wait: WaitBar;
  readonly #caption: CellCaption;
  readonly #replayBar = new ReplayBar();
  #color = FIRST_COLOR;

  constructor(room: BoardRoom, renderer: GridRenderer, colors: Board["colors"], wait: WaitBar) {
    this.#room = room;
    this.#renderer = renderer;
    this.#colors = colors;
    this.#wait = wait;
    this.#caption = new CellCaption(room, colors);
  }

  start(board: Board): void {
    this.#showColors();
    this.#showRoom();
    this.#listen(board);
  }

  #showColors(): void {
    const colorName = findElement("color-name", HTMLElement);
    const swatches = new Swatches(findElement("palette", HTMLElement), this.#colors, (index) => {
      this.#color = index;
      colorName.textContent = this.#colors[index]?.name ?? "";
    });
    const { color } = memory.recall();
    const isColor = typeof color === "number" && this.#colors[color] !== undefined;
    swatches.choose(isColor ? color : FIRST_COLOR);
  }

  #showRoom(): void {
    const viewers = findElement("viewers", HTMLElement);
    this.#room.watch((state) => {
      if (!this.#replayBar.isOpen) this.#renderer.attach(state.canvas);
      return state.canvas.onCell((x, y) => this.#caption.handleChange(x, y));
    });
    const showViewers = (): void => {
      viewers.textContent = `${this.#room.state.viewers} watching`;
    };
    this.#room.onStateChange(showViewers);
    showViewers();
  }

  #listen({ board, size }: Board): void {
    const renderer = this.#renderer;
    renderer.onPaint((cell, input) => this.#paint(cell, input));
    // A replay shows what was, and the caption says what is.
    renderer.onPoint((cell) => this.#caption.show(this.#replayBar.isOpen ? undefined : cell));
    onClick("zoom-in", () => renderer.zoomBy(1.6));
    onClick("zoom-out", () => renderer.zoomBy(1 / 1.6));
    onClick("zoom-fit", () => renderer.fit());
    onClick("export", () => {
      gridToPng(this.#room.state.canvas, hexOf(this.#colors)).then(
        (image) => saveFile(image, `mini-place-${board}-${size}.png`),
        (error: unknown) => page.explain(error),
      );
    });
    const replay = findElement("replay", HTMLButtonElement);
    replay.addEventListener("click", () => void this.#replay(replay));
    memory.keepAtTheEnd(() => ({ color: this.#color, view: viewOf(renderer.camera) }));
  }

  async #replay(button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    try {
      const pixels = await this.#loadPixels();
      const replay = new ReplayGrid(this.#room.state.canvas, pixels);
      if (replay.length === 0) {
        sentences.say("Nobody has painted here yet.");
        return;
      }
      this.#renderer.attach(replay);
      this.#caption.show(undefined);
      this.#replayBar.start(replay, () => this.#renderer.attach(this.#room.state.canvas));
    } catch (error) {
      page.explain(error);
    } finally {
      button.disabled = false;
    }
  }

  /** The newest pixels that the room remembers, oldest first. */
  async #loadPixels(): Promise<ReplayedPixel[]> {
    const pixels: ReplayedPixel[] = [];
    let before: number | undefined;
    do {
      const from = before === undefined ? {} : { before };
      // oxlint-disable-next-line no-await-in-loop -- a page says where the next one begins
      const part: ReplayPage = await this.#room.request("replay", {
        ...from,
        loaded: pixels.length,
      });
      pixels.push(...part.pixels);
      before = part.before;
    } while (before !== undefined && pixels.length < MAX_REPLAYED_PIXELS);
    return pixels.toReversed();
  }

  #paint(cell: Cell, input: PaintInput): void {
    if (this.#replayBar.isOpen) {
      sentences.say("This is a replay. Escape leads back to the board of now.");
      return;
    }
    // A finger cannot point at a cell without tapping it.
    if (input === "touch") this.#caption.show(cell);
    if (input === "touch" && this.#renderer.camera.zoom < MIN_TOUCH_ZOOM) {
      this.#renderer.centerOn(cell, TOUCH_ZOOM);
      sentences.say("A little closer: tap a cell to paint it.");
      return;
    }
    const { leftMs } = this.#wait;
    if (leftMs > 0) {
      sentences.say(`Wait ${secondsIn(leftMs)} before your next pixel.`);
      return;
    }
    const answer = this.#room.request("place", { ...cell, color: this.#color });
    this.#renderer.showPending(cell, this.#color, answer);
    answer.then(
      ({ waitMs }) => this.#wait.start(waitMs),
      (error: unknown) => {
        page.explain(error);
        if (error instanceof SyncError && error.code === "cooldown") {
          this.#wait.start(error.retryAfterMs ?? 0);
        }
      },
    );
  }
}

function showSizes(present: Board): void {
  const sizes = findElement("sizes", HTMLElement);
  for (const size of BOARD_SIZES) {
    const link = document.createElement("a");
    const address = new URLSearchParams({ board: present.board, size: String(size) });
    link.href = `?${address}`;
    // Four of them fit beside the rest at 360 px: a board is as high as it is wide.
    link.textContent = `${size}²`;
    link.setAttribute("aria-label", `${size} by ${size} cells`);
    if (size === present.size) link.setAttribute("aria-current", "page");
    sizes.append(link);
  }
}

function hexOf(colors: Board["colors"]): string[] {
  return colors.map(({ hex }) => hex);
}

function onClick(id: string, listener: () => void): void {
  findElement(id, HTMLButtonElement).addEventListener("click", listener);
}

/** Joins, and hears from the first moment on how long this visitor waits for another pixel. */
async function joinBoard(options: BoardOptions, wait: WaitBar): Promise<BoardRoom> {
  const room = await realtime.join("mini-place", options);
  room.onMessage<number>("wait", (waitMs) => wait.start(waitMs));
  return room;
}

async function openBoard(): Promise<void> {
  const address = new URLSearchParams(location.search);
  const options = {
    board: address.get("board") ?? DEFAULT_BOARD,
    size: address.get("size") ?? DEFAULT_SIZE,
  };
  let board: Board;
  try {
    board = boardOf(options);
  } catch (error) {
    page.explain(error);
    return;
  }
  findElement("board-name", HTMLElement).textContent = board.board;
  document.title = `${board.board} · Mini Place · Atrium`;
  showSizes(board);
  const wait = new WaitBar("Ready to paint", "Next pixel in");
  const [renderer, room] = await Promise.all([
    GridRenderer.create({
      parent: findElement("board", HTMLElement),
      palette: hexOf(board.colors),
      label: `Board ${board.board}, ${board.size} by ${board.size} cells. Arrow keys move, Enter paints.`,
    }),
    page.join(() => joinBoard(options, wait)),
  ]);
  openAt(renderer, address, memory.recall()["view"]);
  new BoardPage(room, renderer, board.colors, wait).start(board);
}

openBoard().catch((error: unknown) => page.explain(error));
