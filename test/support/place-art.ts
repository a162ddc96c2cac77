import type { Grid } from "../../shared/state/grid.ts";
import { SeededRandom } from "./seeded-random.ts";

/** Letters of the stamps below, in the order of Mini Place's 32 colors; "." paints nothing. */
const INK = "wkc-gLbtmrCoayepfnli-Tqvu-sdxzMh";

const STAMPS = [
  [".rr.rr.", "rwrrrrr", "rrrrrrr", ".rrrrr.", "..rrr..", "...r..."],
  ["..yyyy..", ".yyyyyy.", "yykyykyy", "yyyyyyyy", "ykyyyyky", ".ykkkky.", "..yyyy.."],
  ["..rrrr..", ".rwwrrr.", "rrwwrrwr", "rrrrrrrr", ".keekek.", "..eeee.."],
  ["...f...", "..fff..", ".fffff.", "..nnn..", ".nnnnn.", "nnnnnnn", "...b..."],
  ["k.....k", "kk...kk", "kkkkkkk", "kakkkak", "kkkhkkk", ".kkkkk."],
  [".oo...oo", "oaoo.ooo", "okooooo.", "oaoo.ooo", ".oo...oo"],
  ["..h.h..", ".hMhMh.", "..hyh..", ".hMhMh.", "..hnh..", "...n...", "..nn..."],
  ["...vvv..", "..vwvwv.", "..vvvvv.", "..vkvkv.", "..vvvvv.", "..v.v.v."],
  ["....a....", "....a....", "aaaayaaaa", ".aayyyaa.", "..ayyya..", ".aaa.aaa.", ".a.....a."],
  ["uuuuuu", "uwuwuu", "uuuuuu", "rrrrrr", "wwwwww", "rrrrrr"],
] as const;

const LETTERS: Readonly<Record<string, readonly string[]>> = {
  A: ["01110", "10001", "10001", "11111", "10001", "10001", "10001"],
  T: ["11111", "00100", "00100", "00100", "00100", "00100", "00100"],
  R: ["11110", "10001", "10001", "11110", "10100", "10010", "10001"],
  I: ["111", "010", "010", "010", "010", "010", "111"],
  U: ["10001", "10001", "10001", "10001", "10001", "10001", "01110"],
  M: ["10001", "11011", "10101", "10101", "10001", "10001", "10001"],
};

const RAINBOW = "roayniudx";
const SCALE = 6;

/** Paints a cheerful 256×256 board, the same every time: something to look at in pictures. */
export function paintArt(grid: Grid): void {
  const random = new SeededRandom(2567);
  paintLand(grid);
  for (let y = 4; y < 246; y += 12) {
    for (let x = 4; x < 244; x += 13) {
      const isBehindTitle = y > 88 && y < 164 && x > 16 && x < 234;
      if (isBehindTitle || random.next() < 0.3) continue;
      paintStamp(grid, random.pick(STAMPS), x + random.integer(0, 4), y + random.integer(0, 4));
    }
  }
  paintTitle(grid, "ATRIUM", 30, 106);
}

function paintLand(grid: Grid): void {
  for (let x = 0; x < 256; x++) {
    const hill = 176 + Math.round(9 * Math.sin(x / 23) + 5 * Math.sin(x / 9));
    const meadow = 208 + Math.round(5 * Math.sin(x / 17 + 2));
    grid.fillRect(x, 0, 1, 64, colorOf("s"));
    grid.fillRect(x, 64, 1, 40, colorOf("v"));
    grid.fillRect(x, 104, 1, hill - 104, colorOf("e"));
    grid.fillRect(x, hill, 1, meadow - hill, colorOf("l"));
    grid.fillRect(x, meadow, 1, 256 - meadow, colorOf("n"));
    const arch = 40 + Math.round((x - 128) ** 2 / 300);
    for (let band = 0; band < RAINBOW.length; band++) {
      const y = arch + band * 4;
      if (y < hill - 4) grid.fillRect(x, y, 1, 4, colorOf(RAINBOW.charAt(band)));
    }
  }
}

function paintTitle(grid: Grid, title: string, left: number, top: number): void {
  const strokes = [
    { ink: "k", shift: 2, margin: 1 },
    { ink: "k", shift: 0, margin: 1 },
    { ink: "w", shift: 0, margin: 0 },
  ];
  for (const { ink, shift, margin } of strokes) {
    let x = left + shift;
    for (const letter of title) {
      const rows = LETTERS[letter] ?? [];
      const edge = SCALE + 2 * margin;
      eachDot(rows, (column, row, dot) => {
        const y = top + shift + row * SCALE - margin;
        if (dot === "1") grid.fillRect(x + column * SCALE - margin, y, edge, edge, colorOf(ink));
      });
      x += ((rows[0]?.length ?? 0) + 1) * SCALE;
    }
  }
}

function paintStamp(grid: Grid, stamp: readonly string[], left: number, top: number): void {
  eachDot(stamp, (x, y, ink) => {
    if (ink !== ".") grid.set(left + x, top + y, colorOf(ink));
  });
}

function eachDot(
  rows: readonly string[],
  visit: (x: number, y: number, dot: string) => void,
): void {
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) visit(x, y, row.charAt(x));
  });
}

function colorOf(ink: string): number {
  return INK.indexOf(ink);
}
