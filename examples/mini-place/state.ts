import { schema, t, type SchemaType } from "@colyseus/schema";
import { z } from "zod";
import { SyncError } from "../../shared/errors.ts";
import { MAX_GRID_EDGE } from "../../shared/limits.ts";
import { grid } from "../../shared/state/grid-field.ts";
import { checkAddressName } from "../gallery/address-name.ts";

/** What everybody on a board sees. */
export const Place = schema(
  {
    canvas: grid({ width: 256, height: 256, colors: 32 }),
    viewers: t.uint16().default(0),
  },
  "Place",
);
export type Place = SchemaType<typeof Place>;

const edge = z.int().min(0).max(MAX_GRID_EDGE);
export const PlaceCell = z.object({ x: edge, y: edge });
export const PlacePixel = z.object({ x: edge, y: edge, color: z.int().min(0).max(31) });

/** Who painted a cell last, and how long ago. */
export interface Painting {
  name: string;
  ageMs: number;
}

/** A replay goes back no further than this many pixels, and asks for so many at a time. */
export const MAX_REPLAYED_PIXELS = 10_000;
export const REPLAY_PAGE_PIXELS = 1_000;

/** Which part of a replay to get: what is older than `before`, when so many are there already. */
export const ReplayIntent = z.object({
  before: z.int().min(0).optional(),
  loaded: z
    .int()
    .min(0)
    .max(MAX_REPLAYED_PIXELS - 1),
});

/** One pixel that was painted, and how many milliseconds ago. */
export type ReplayedPixel = [x: number, y: number, color: number, ageMs: number];

/** A part of a replay, newest first. */
export interface ReplayPage {
  pixels: ReplayedPixel[];
  /** Ask for what is older than this; absent: there is no more. */
  before?: number;
}

/** What to join with: a board is known by its name and its size. */
export interface BoardOptions {
  board: string;
  /** Cells along one edge, as a number or as an address has it; 256 when it is left out. */
  size?: number | string;
}

export interface BoardPreset {
  colors: readonly { name: string; hex: string }[];
  /** How long everybody waits between two pixels. */
  cooldownMs: number;
}

const EIGHT_COLORS = [
  { name: "White", hex: "#FFFFFF" },
  { name: "Black", hex: "#000000" },
  { name: "Red", hex: "#EB5757" },
  { name: "Orange", hex: "#F2994A" },
  { name: "Yellow", hex: "#F2C94C" },
  { name: "Green", hex: "#27AE60" },
  { name: "Blue", hex: "#2F80ED" },
  { name: "Purple", hex: "#9B51E0" },
] as const;

const THIRTY_TWO_COLORS = [
  { name: "White", hex: "#FFFFFF" },
  { name: "Black", hex: "#000000" },
  { name: "Charcoal", hex: "#3F3F46" },
  { name: "Gray", hex: "#71717A" },
  { name: "Silver", hex: "#A1A1AA" },
  { name: "Light gray", hex: "#D4D4D8" },
  { name: "Brown", hex: "#6B3F23" },
  { name: "Tan", hex: "#B07A4A" },
  { name: "Maroon", hex: "#7F1D1D" },
  { name: "Red", hex: "#DC2626" },
  { name: "Coral", hex: "#F97362" },
  { name: "Orange", hex: "#F97316" },
  { name: "Amber", hex: "#FBB324" },
  { name: "Yellow", hex: "#FDE047" },
  { name: "Cream", hex: "#FEF3C7" },
  { name: "Peach", hex: "#F5C6A5" },
  { name: "Forest", hex: "#14532D" },
  { name: "Green", hex: "#15803D" },
  { name: "Leaf", hex: "#22C55E" },
  { name: "Mint", hex: "#A7F3C5" },
  { name: "Lime", hex: "#A3D52B" },
  { name: "Deep teal", hex: "#0F5F5B" },
  { name: "Teal", hex: "#14B8A6" },
  { name: "Aqua", hex: "#67E8F9" },
  { name: "Navy", hex: "#1E2F7A" },
  { name: "Blue", hex: "#2563EB" },
  { name: "Sky", hex: "#60A5FA" },
  { name: "Indigo", hex: "#4F46C8" },
  { name: "Purple", hex: "#9333EA" },
  { name: "Lavender", hex: "#C4B5FD" },
  { name: "Magenta", hex: "#DB2777" },
  { name: "Pink", hex: "#F9A8D4" },
] as const;

const PRESETS: Readonly<Record<number, BoardPreset>> = {
  8: { colors: EIGHT_COLORS, cooldownMs: 1_000 },
  256: { colors: THIRTY_TWO_COLORS, cooldownMs: 5_000 },
  1000: { colors: THIRTY_TWO_COLORS, cooldownMs: 2_000 },
  2000: { colors: THIRTY_TWO_COLORS, cooldownMs: 2_000 },
};

export const DEFAULT_BOARD = "main";
export const DEFAULT_SIZE = 256;
export const BOARD_SIZES: readonly number[] = Object.keys(PRESETS).map(Number);

/** The board that the options lead to; throws what the visitor is told. */
export function boardOf(options: BoardOptions): BoardPreset & { board: string; size: number } {
  const board = checkAddressName("board", options.board);
  const size = Number(options.size ?? DEFAULT_SIZE);
  const preset = PRESETS[size];
  if (preset) return { board, size, ...preset };
  const asked = String(options.size).slice(0, 10);
  const text = `board size "${asked}" is not one of ${BOARD_SIZES.join(", ")}`;
  throw new SyncError("options-invalid", text);
}
