import assert from "node:assert/strict";
import { colorCells, paletteToRgba } from "../../../../client/pixi/palette.ts";

describe("paletteToRgba", () => {
  it("makes four bytes of each colour", () => {
    const rgba = paletteToRgba(["#000000", "#EB5757"]);
    assert.deepEqual([...rgba.subarray(0, 8)], [0, 0, 0, 255, 0xeb, 0x57, 0x57, 255]);
  });

  it("has a glaring colour for values outside the palette", () => {
    assert.deepEqual([...paletteToRgba(["#000000"]).subarray(4, 8)], [255, 0, 255, 255]);
  });

  it("refuses a colour in another notation", () => {
    assert.throws(() => paletteToRgba(["red"]), {
      name: "RangeError",
      message: 'palette color "red" is not of the form #rrggbb',
    });
  });
});

describe("colorCells", () => {
  it("colours a range of cells", () => {
    const rgba = new Uint8ClampedArray(8);
    const palette = paletteToRgba(["#010203", "#040506"]);
    colorCells(new Uint8Array([0, 1, 0]), 1, 3, palette, rgba);
    assert.deepEqual([...rgba], [4, 5, 6, 255, 1, 2, 3, 255]);
  });
});
