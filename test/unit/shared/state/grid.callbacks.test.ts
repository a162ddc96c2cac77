import assert from "node:assert/strict";
import type { Decoder, Schema, StateCallbackStrategy } from "@colyseus/schema";
import { Callbacks, getDecoderStateCallbacks } from "@colyseus/schema";
import { Grid } from "../../../../shared/state/grid.ts";
import { Atlas, Board } from "./grid-states.ts";
import type { Reader } from "./state-pair.ts";
import { StatePair } from "./state-pair.ts";

/** Typed as a page's `Callbacks.get(room)` is. */
function callbacksOf<State extends Schema>({
  decoder,
}: Reader<State>): StateCallbackStrategy<State> {
  return Callbacks.get<State>(decoder as Decoder<State>);
}

describe("Callbacks of the schema on a grid", () => {
  it("fire once for each changed cell, after all of them are applied", () => {
    const pair = new StatePair(new Board());
    const reader = pair.join();
    const heard: number[][] = [];
    callbacksOf(reader).onChange("canvas", (index, value) => {
      heard.push([index, value, reader.state.canvas.get(1, 0)]);
    });
    pair.encoder.state.canvas.set(0, 0, 5);
    pair.encoder.state.canvas.set(1, 0, 6);
    pair.encoder.state.canvas.set(2, 0, 0);
    pair.tick();
    assert.deepEqual(heard, [
      [0, 5, 6],
      [1, 6, 6],
    ]);
  });

  it("fire as getStateCallbacks of the SDK does, with the value first", () => {
    const pair = new StatePair(new Board());
    const reader = pair.join();
    const heard: number[][] = [];
    const $ = getDecoderStateCallbacks(reader.decoder);
    $(reader.state).canvas.onChange((value, index) => heard.push([value, index]));
    pair.encoder.state.canvas.set(4, 1, 30);
    pair.tick();
    assert.deepEqual(heard, [[30, 34]]);
  });

  it("fire for a nested grid and not for its neighbours", () => {
    const pair = new StatePair(new Atlas());
    const reader = pair.join();
    const heard: number[][] = [];
    callbacksOf(reader).onChange(reader.state.layer, "cells", (...cell) => heard.push(cell));
    pair.encoder.state.day.set(0, 0, 1);
    pair.encoder.state.layer.cells.set(0, 1, 2);
    pair.tick();
    assert.deepEqual(heard, [[9, 2]]);
  });

  it("fire in a resync for what changed, also when that is the whole board", () => {
    const pair = new StatePair(new Board());
    const reader = pair.join();
    let calls = 0;
    callbacksOf(reader).onChange("canvas", () => {
      calls += 1;
    });
    reader.decoder.decodeResync(pair.fullState());
    assert.equal(calls, 0);
    pair.encoder.state.canvas.fill(8);
    pair.encodeTick();
    reader.decoder.decodeResync(pair.fullState());
    assert.equal(calls, 600);
  });

  it("wait for a grid that is not there yet, and then hear its patches", () => {
    const pair = new StatePair(new Board());
    const reader = pair.connect();
    const heard: number[][] = [];
    callbacksOf(reader).onChange("canvas", (...cell) => heard.push(cell));
    pair.encoder.state.canvas.set(0, 0, 1);
    reader.decoder.decode(pair.fullState());
    assert.deepEqual(heard, []);
    pair.tick();
    assert.deepEqual(heard, []);
    pair.encoder.state.canvas.set(1, 0, 2);
    pair.tick();
    assert.deepEqual(heard, [[1, 2]]);
  });

  it("tell of a replaced grid as a field, and nothing of the old one's cells", () => {
    const pair = new StatePair(new Board());
    const reader = pair.join();
    const heard: unknown[] = [];
    const callbacks = callbacksOf(reader);
    callbacks.onChange("canvas", (...cell) => heard.push(cell));
    callbacks.listen("canvas", (value) => heard.push(value));
    heard.length = 0;
    pair.encoder.state.canvas = new Grid({ width: 5, height: 5, colors: 5 });
    pair.tick();
    assert.deepEqual(heard, [reader.state.canvas]);
  });

  it("cost a patch and a resync nothing where nobody listens", () => {
    const pair = new StatePair(new Board());
    const reader = pair.join();
    const changes: number[] = [];
    reader.decoder.triggerChanges = (all) => changes.push(all.length);
    pair.encoder.state.canvas.fill(1);
    pair.tick();
    pair.encoder.state.canvas.fill(2);
    pair.encodeTick();
    reader.decoder.decodeResync(pair.fullState());
    assert.deepEqual(changes, [0, 0]);
  });
});
