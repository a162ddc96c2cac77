import assert from "node:assert/strict";
import { Encoder, Reflection, schema, StateView, t, type SchemaType } from "@colyseus/schema";
import { growBuffers } from "../../../../server/rooms/growing-buffers.ts";

const Page = schema(
  { title: t.string(), lines: t.array("string"), notes: t.map("string").view() },
  "GrowingPage",
);
type Page = SchemaType<typeof Page>;

/** An encoder that grows, and a decoder that has what it has sent. */
class Growing {
  readonly page = new Page();
  readonly encoder = new Encoder(this.page);
  readonly #decoder = Reflection.decode<Page>(Reflection.encode(this.encoder));

  constructor() {
    growBuffers(this.encoder);
  }

  decode(bytes: Uint8Array, offset = 0): void {
    this.#decoder.decode(bytes, { offset });
  }

  get decoded(): string {
    return JSON.stringify(this.#decoder.state);
  }
}

describe("growBuffers", () => {
  it("starts with 1 KB, and leaves the size of everybody else's buffers alone", () => {
    const { encoder } = new Growing();
    assert.equal(encoder.sharedBuffer.byteLength, 1_024);
    assert.equal(Encoder.BUFFER_SIZE, 16_384);
    assert.equal(new Encoder(new Page()).sharedBuffer.byteLength, 16_384);
  });

  for (const bytes of [10, 1_023, 1_024, 1_025, 40_000, 3_000_000]) {
    it(`encodes a change of ${bytes} bytes whole, behind what stood before it`, () => {
      const growing = new Growing();
      growing.page.title = "x".repeat(bytes);
      growing.encoder.sharedBuffer[0] = 99;
      const encoded = growing.encoder.encode({ offset: 1 });
      assert.equal(encoded[0], 99);
      assert.ok(encoded.byteLength > bytes);
      growing.decode(encoded, 1);
      assert.ok(growing.decoded.includes(`"${growing.page.title}"`));
    });

    it(`encodes a view's ${bytes} bytes whole, once, behind the part that all share`, () => {
      const growing = new Growing();
      const { page, encoder } = growing;
      const view = new StateView();
      page.title = "shared";
      for (let i = 0; i < 10; i += 1) page.notes.set(`note ${i}`, "n".repeat(bytes / 10));
      view.add(page.notes);
      const it = { offset: 0 };
      encoder.encode(it);
      const encoded = encoder.encodeView(view, it.offset, { offset: it.offset });
      encoder.discardChanges();
      growing.decode(encoded);
      assert.ok(growing.decoded === JSON.stringify(page));
      assert.equal(view.changes.size, 0);
      assert.equal(encoder.encodeView(view, 0, { offset: 0 }).byteLength, 0);
    });
  }

  it("keeps the buffer that it has grown, so that the next tick need not grow again", () => {
    const { page, encoder } = new Growing();
    page.title = "x".repeat(100_000);
    encoder.encode();
    encoder.discardChanges();
    const { sharedBuffer } = encoder;
    page.title = "y".repeat(100_000);
    encoder.encode();
    assert.equal(encoder.sharedBuffer, sharedBuffer);
  });

  it("encodes into a buffer of the caller's without taking it for its own", () => {
    const growing = new Growing();
    growing.page.lines.push("a", "b");
    const { sharedBuffer } = growing.encoder;
    const own = new Uint8Array(4);
    const encoded = growing.encoder.encodeAll({ offset: 0 }, own);
    growing.decode(encoded);
    assert.equal(growing.decoded, '{"lines":["a","b"]}');
    assert.equal(growing.encoder.sharedBuffer, sharedBuffer);
  });
});
