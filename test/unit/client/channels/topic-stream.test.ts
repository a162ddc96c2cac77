import assert from "node:assert/strict";
import { TopicStream } from "../../../../client/channels/topic-stream.ts";
import type { Publication } from "../../../../shared/events/publication.ts";
import type { Sequenced, TopicAnswer } from "../../../../client/channels/read-news.ts";

function at(offset: number | undefined): Publication {
  const publication = { id: `id-${offset}`, event: "message", data: offset, timestamp: 1 };
  return offset === undefined ? publication : { ...publication, offset };
}

function answer(
  epoch: string,
  offset: number,
  offsets: number[] = [],
  recovered?: boolean,
): TopicAnswer {
  const position = { epoch, offset };
  const publications = offsets.map(at);
  const known = { position, publications, revisions: [], members: [] };
  return recovered === undefined ? known : { ...known, recovered };
}

function offsetsOf(missed: readonly Sequenced[]): (number | undefined)[] {
  return missed.map((told) => {
    return told.kind === "publication" ? told.publication.offset : told.revision.offset;
  });
}

describe("TopicStream", () => {
  it("takes each offset once and in order, and sees a gap", () => {
    const stream = new TopicStream();
    stream.catchUp(answer("e", 4));
    assert.deepEqual(
      [5, 5, 4, 6, 8, 6, 7, 8].map((offset) => stream.take(at(offset))),
      ["next", "seen", "seen", "next", "gap", "seen", "next", "next"],
    );
    assert.deepEqual(stream.position, { epoch: "e", offset: 8 });
  });

  it("lets what has no offset pass, and stays where it is", () => {
    const stream = new TopicStream();
    stream.catchUp(answer("e", 4));
    assert.equal(stream.take(at(undefined)), "next");
    assert.deepEqual(stream.position, { epoch: "e", offset: 4 });
  });

  it("leaves out of an answer what it has seen", () => {
    const stream = new TopicStream();
    stream.start({ epoch: "e", offset: 2 });
    assert.deepEqual(offsetsOf(stream.catchUp(answer("e", 5, [1, 2, 3, 4, 5], true))), [3, 4, 5]);
    assert.deepEqual(stream.position, { epoch: "e", offset: 5 });
  });

  it("tells an answer that comes in parts with the last of them, unless some of it is gone", () => {
    const stream = new TopicStream();
    stream.start({ epoch: "e", offset: 2 });
    assert.deepEqual(stream.catchUp({ ...answer("e", 4, [3, 4], true), hasMore: true }), []);
    assert.deepEqual(offsetsOf(stream.catchUp(answer("e", 5, [5], true))), [3, 4, 5]);
    assert.deepEqual(stream.catchUp({ ...answer("e", 6, [6], true), hasMore: true }), []);
    assert.deepEqual(stream.catchUp(answer("e", 9, [], false)), []);
    assert.deepEqual(offsetsOf(stream.catchUp(answer("e", 10, [10], true))), [10]);
  });

  it("refuses a part that leads nowhere", () => {
    const stream = new TopicStream();
    stream.start({ epoch: "e", offset: 2 });
    const part = { ...answer("e", 2, [], true), hasMore: true };
    assert.throws(() => stream.catchUp(part), { code: "frame-malformed" });
  });

  it("does not go back in the same history", () => {
    const stream = new TopicStream();
    stream.start({ epoch: "e", offset: 7 });
    stream.catchUp(answer("e", 5, [], true));
    assert.equal(stream.position?.offset, 7);
  });

  it("begins anew where the history is another one, or was cut", () => {
    for (const [epoch, recovered] of [
      ["f", true],
      ["f", false],
      ["e", false],
    ] as const) {
      const stream = new TopicStream();
      stream.start({ epoch: "e", offset: 7 });
      assert.deepEqual(offsetsOf(stream.catchUp(answer(epoch, 2, [1, 2], recovered))), [1, 2]);
      assert.deepEqual(stream.position, { epoch, offset: 2 });
    }
  });

  it("knows no position once it has forgotten", () => {
    const stream = new TopicStream();
    stream.start({ epoch: "e", offset: 7 });
    stream.forget();
    assert.equal(stream.position, undefined);
    assert.deepEqual(offsetsOf(stream.catchUp(answer("e", 9))), []);
  });
});
