import assert from "node:assert/strict";
import { Emitter } from "../../../shared/emitter.ts";

describe("Emitter", () => {
  it("calls every listener with what was emitted, in the order they were added", () => {
    const emitter = new Emitter<[name: string, value: number]>();
    const calls: unknown[] = [];
    emitter.on((name, value) => calls.push(["first", name, value]));
    emitter.on((name, value) => calls.push(["second", name, value]));
    emitter.emit("score", 5);
    assert.deepEqual(calls, [
      ["first", "score", 5],
      ["second", "score", 5],
    ]);
  });

  it("calls a listener no more once it has unsubscribed, and takes a second time calmly", () => {
    const emitter = new Emitter<[number]>();
    const heard: number[] = [];
    const unsubscribe = emitter.on((value) => heard.push(value));
    emitter.emit(1);
    unsubscribe();
    unsubscribe();
    emitter.emit(2);
    assert.deepEqual(heard, [1]);
    assert.equal(emitter.size, 0);
  });

  it("counts the same function added twice as two listeners, each with its own end", () => {
    const emitter = new Emitter<[]>();
    let calls = 0;
    const listener = (): void => void (calls += 1);
    const unsubscribe = emitter.on(listener);
    emitter.on(listener);
    emitter.emit();
    assert.equal(calls, 2);
    unsubscribe();
    emitter.emit();
    assert.equal(calls, 3);
  });

  it("does not call a listener that another one removed in the same event", () => {
    const emitter = new Emitter<[]>();
    const calls: string[] = [];
    emitter.on(() => {
      calls.push("first");
      unsubscribeSecond();
    });
    const unsubscribeSecond = emitter.on(() => calls.push("second"));
    emitter.on(() => calls.push("third"));
    emitter.emit();
    assert.deepEqual(calls, ["first", "third"]);
  });

  it("lets a listener added during an event hear the next one only", () => {
    const emitter = new Emitter<[number]>();
    const heard: number[] = [];
    let isFirst = true;
    emitter.on(() => {
      if (isFirst) emitter.on((value) => heard.push(value));
      isFirst = false;
    });
    emitter.emit(1);
    assert.deepEqual(heard, []);
    emitter.emit(2);
    assert.deepEqual(heard, [2]);
  });

  it("may emit from within a listener", () => {
    const emitter = new Emitter<[number]>();
    const heard: number[] = [];
    emitter.on((value) => {
      if (value < 3) emitter.emit(value + 1);
      heard.push(value);
    });
    emitter.emit(1);
    assert.deepEqual(heard, [3, 2, 1]);
  });

  it("hands an error of a listener to its own handler and calls the others all the same", () => {
    const errors: unknown[] = [];
    const emitter = new Emitter<[]>((error) => errors.push(error));
    const oops = new Error("oops");
    let calls = 0;
    emitter.on(() => {
      throw oops;
    });
    emitter.on(() => void (calls += 1));
    emitter.emit();
    assert.deepEqual([errors, calls], [[oops], 1]);
  });

  it("forgets everybody when it is cleared, also in the middle of an event", () => {
    const emitter = new Emitter<[]>();
    const calls: string[] = [];
    emitter.on(() => {
      calls.push("first");
      emitter.clear();
    });
    emitter.on(() => calls.push("second"));
    emitter.emit();
    emitter.emit();
    assert.deepEqual(calls, ["first"]);
    assert.equal(emitter.size, 0);
  });
});
