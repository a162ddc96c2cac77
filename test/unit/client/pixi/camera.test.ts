import assert from "node:assert/strict";
import fc from "fast-check";
import { Camera, MAX_FIT_ZOOM, MAX_ZOOM } from "../../../../client/pixi/camera.ts";

function cameraOn(gridWidth: number, gridHeight: number): Camera {
  const camera = new Camera();
  camera.resize(800, 600);
  camera.setGrid(gridWidth, gridHeight);
  return camera;
}

describe("Camera", () => {
  it("fits the whole grid into the middle of the view", () => {
    const camera = cameraOn(256, 256);
    const topLeft = camera.cellToScreen({ x: 0, y: 0 });
    const bottomRight = camera.cellToScreen({ x: 255, y: 255 });
    assert.ok(topLeft.x >= 0 && topLeft.y >= 0);
    assert.ok(bottomRight.x + bottomRight.size <= 800);
    assert.ok(bottomRight.y + bottomRight.size <= 600);
    assert.deepEqual(camera.center, { x: 128, y: 128 });
  });

  it("does not blow up a small grid beyond 48 pixels a cell", () => {
    assert.equal(cameraOn(8, 8).zoom, MAX_FIT_ZOOM);
  });

  it("finds the cell whose middle it was told to show", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 255 }),
        fc.double({ min: 0.5, max: 4, noNaN: true }),
        (x, y, factor) => {
          const camera = cameraOn(256, 256);
          camera.zoomAt({ x: 300, y: 200 }, factor);
          const screen = camera.cellToScreen({ x, y });
          const middle = { x: screen.x + screen.size / 2, y: screen.y + screen.size / 2 };
          assert.deepEqual(camera.screenToCell(middle), { x, y });
        },
      ),
    );
  });

  it("finds no cell outside the grid", () => {
    const camera = cameraOn(8, 8);
    assert.equal(camera.screenToCell({ x: 1, y: 1 }), undefined);
    assert.equal(camera.screenToCell({ x: 799, y: 599 }), undefined);
  });

  it("finds no cell before there is a grid", () => {
    const camera = new Camera();
    camera.resize(800, 600);
    assert.equal(camera.screenToCell({ x: 400, y: 300 }), undefined);
  });

  it("keeps the cell under the pointer when it zooms", () => {
    const camera = cameraOn(256, 256);
    const pointer = { x: 350, y: 250 };
    const before = camera.screenToCell(pointer);
    camera.zoomAt(pointer, 3);
    assert.deepEqual(camera.screenToCell(pointer), before);
  });

  it("zooms in to 64 pixels a cell and out to half of the fitted view", () => {
    const camera = cameraOn(256, 256);
    camera.zoomBy(1_000);
    assert.equal(camera.zoom, MAX_ZOOM);
    camera.zoomBy(0.000_01);
    assert.equal(camera.zoom, camera.fitZoom / 2);
  });

  it("keeps the middle of the view on the grid however far it is panned", () => {
    const camera = cameraOn(256, 256);
    camera.panBy(100_000, -100_000);
    assert.deepEqual(camera.center, { x: 0, y: 256 });
  });

  it("moves the grid with the pointer when it pans", () => {
    const camera = cameraOn(256, 256);
    const { x, y } = camera.cellToScreen({ x: 10, y: 10 });
    camera.panBy(30, -20);
    const after = camera.cellToScreen({ x: 10, y: 10 });
    assert.ok(Math.abs(after.x - x - 30) < 1e-9);
    assert.ok(Math.abs(after.y - y + 20) < 1e-9);
  });

  it("stays fitted when the view changes its size and nobody has moved", () => {
    const camera = cameraOn(256, 256);
    camera.resize(400, 300);
    assert.equal(camera.zoom, camera.fitZoom);
  });

  it("keeps place and zoom when the view changes its size after somebody moved", () => {
    const camera = cameraOn(256, 256);
    camera.centerOn({ x: 20, y: 30 }, 10);
    camera.resize(400, 300);
    assert.equal(camera.zoom, 10);
    assert.deepEqual(camera.center, { x: 20.5, y: 30.5 });
  });

  it("keeps place and zoom when a grid of the same size replaces the one before", () => {
    const camera = cameraOn(256, 256);
    camera.centerOn({ x: 20, y: 30 }, 10);
    camera.setGrid(256, 256);
    assert.equal(camera.zoom, 10);
  });

  it("opens the first grid where it was told to before the grid was there", () => {
    const camera = new Camera();
    camera.resize(800, 600);
    camera.centerOn({ x: 100, y: 200 }, 16);
    camera.setGrid(256, 256);
    assert.equal(camera.zoom, 16);
    assert.deepEqual(camera.center, { x: 100.5, y: 200.5 });
  });

  it("pans to a cell out of sight and leaves a cell in sight where it is", () => {
    const camera = cameraOn(256, 256);
    camera.centerOn({ x: 128, y: 128 }, 32);
    const { center } = camera;
    camera.reveal({ x: 129, y: 129 });
    assert.deepEqual(camera.center, center);
    camera.reveal({ x: 200, y: 20 });
    const { x, y, size } = camera.cellToScreen({ x: 200, y: 20 });
    assert.ok(x >= 0 && x + size <= 800);
    assert.ok(y >= 0 && y + size <= 600);
  });
});
