import assert from "node:assert/strict";
import { SyncError } from "../../../../shared/errors.ts";
import { Grid } from "../../../../shared/state/grid.ts";
import { Atlas, Board } from "./grid-states.ts";
import { StatePair } from "./state-pair.ts";

describe("Grid and decodeResync", () => {
  it("becomes the server's after missed patches, in the same instance and array", () => {
    const server = new Board();
    const pair = new StatePair(server);
    const { state, decoder } = pair.join();
    const { canvas } = state;
    const { cells } = canvas;
    server.canvas.fillRect(3, 3, 9, 9, 12);
    pair.encodeTick();
    server.ticks = 3;
    decoder.decodeResync(pair.fullState());
    assert.equal(state.canvas, canvas);
    assert.equal(canvas.cells, cells);
    assert.equal(canvas.checksum(), server.canvas.checksum());
    assert.equal(state.ticks, 3);
    server.canvas.set(0, 0, 1);
    pair.tick();
    assert.equal(canvas.checksum(), server.canvas.checksum());
  });

  it("becomes one of another shape that took its place meanwhile", () => {
    const server = new Atlas();
    const pair = new StatePair(server);
    const { state, decoder } = pair.join();
    server.day = new Grid({ width: 2, height: 2, colors: 3 });
    server.night.set(1, 1, 200);
    pair.encodeTick();
    decoder.decodeResync(pair.fullState());
    assert.equal(state.day.checksum(), server.day.checksum());
    assert.equal(state.night.checksum(), server.night.checksum());
  });

  it("heals a client that was given a broken frame", () => {
    const server = new Board();
    const pair = new StatePair(server);
    const { state, decoder } = pair.join();
    server.canvas.set(9, 9, 9);
    server.ticks = 44;
    const [frame] = pair.encodeTick();
    assert.throws(
      () => decoder.decode(frame!.subarray(0, 6)),
      (error) => error instanceof SyncError && error.code === "state-malformed",
    );
    decoder.decodeResync(pair.fullState());
    assert.equal(state.canvas.checksum(), server.canvas.checksum());
    assert.equal(state.ticks, 44);
    server.canvas.set(8, 8, 8);
    pair.tick();
    assert.equal(state.canvas.checksum(), server.canvas.checksum());
  });

  it("applies all of a broken frame's patch to a grid or nothing", () => {
    const server = new Board();
    const pair = new StatePair(server);
    const { state, decoder } = pair.join();
    const before = Uint8Array.from(state.canvas.cells);
    server.canvas.fillRect(0, 0, 6, 1, 21);
    const [frame] = pair.encodeTick();
    // Twice the struct switch, operation, length and mode: the last byte is a cell's value.
    const broken = frame!.slice();
    broken[broken.length - 1] = 0xff;
    assert.throws(() => decoder.decode(broken), SyncError);
    assert.deepEqual(state.canvas.cells, before);
  });

  it("refuses a patch for a grid that it has no full state of", () => {
    const client = Grid.initializeForDecoder();
    assert.throws(
      () =>
        Grid["~decoder"](
          undefined as never,
          Uint8Array.of(0, 2, 3, 0),
          { offset: 0 },
          client,
          null,
        ),
      { name: "SyncError", message: "patch for a grid that has no full state yet" },
    );
  });
});
