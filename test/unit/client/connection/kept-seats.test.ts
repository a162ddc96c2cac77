import assert from "node:assert/strict";
import { KeptSeats } from "../../../../client/connection/kept-seats.ts";
import { MAX_KEPT_SEATS } from "../../../../shared/limits.ts";
import { FakeStorage } from "../../../support/fake-storage.ts";

const MAIN = { name: "place", options: '{"board":"main"}', roomId: "r", reconnectionToken: "t" };

describe("KeptSeats", () => {
  it("gives a seat to who asks for the same room with the same options, once", () => {
    const storage = new FakeStorage();
    new KeptSeats(storage, "seats").keep([MAIN]);
    const seats = new KeptSeats(storage, "seats");
    assert.equal(seats.take("place", "{}"), undefined);
    assert.equal(seats.take("bar", MAIN.options), undefined);
    assert.deepEqual(seats.take("place", MAIN.options), MAIN);
    assert.equal(seats.take("place", MAIN.options), undefined);
    assert.equal(storage.size, 0);
  });

  it("keeps two seats of the same kind apart, and the same seat once", () => {
    const seats = new KeptSeats(new FakeStorage(), "seats");
    const other = { ...MAIN, reconnectionToken: "u" };
    seats.keep([MAIN, other]);
    seats.keep([MAIN]);
    assert.deepEqual(seats.take("place", MAIN.options), other);
    assert.deepEqual(seats.take("place", MAIN.options), MAIN);
    assert.equal(seats.take("place", MAIN.options), undefined);
  });

  it(`keeps the newest ${MAX_KEPT_SEATS}`, () => {
    const seats = new KeptSeats(new FakeStorage(), "seats");
    const many = Array.from({ length: MAX_KEPT_SEATS + 1 }, (_, index) => ({
      ...MAIN,
      name: `room-${index}`,
      reconnectionToken: `token-${index}`,
    }));
    for (const seat of many) seats.keep([seat]);
    assert.equal(seats.take("room-0", MAIN.options), undefined);
    assert.deepEqual(seats.take("room-1", MAIN.options), many[1]);
    assert.deepEqual(seats.take(`room-${MAX_KEPT_SEATS}`, MAIN.options), many[MAX_KEPT_SEATS]);
  });

  for (const text of ["", "{", "null", "7", '[{"name":"place"}, null]', '{"length":1}']) {
    it(`takes ${JSON.stringify(text)} in the storage for nothing`, () => {
      const storage = new FakeStorage();
      storage.setItem("seats", text);
      assert.equal(new KeptSeats(storage, "seats").take("place", MAIN.options), undefined);
    });
  }

  it("does without a storage, and without one that works", () => {
    const closed = new FakeStorage();
    closed.isClosed = true;
    for (const storage of [undefined, closed]) {
      const seats = new KeptSeats(storage, "seats");
      seats.keep([MAIN]);
      assert.equal(seats.take("place", MAIN.options), undefined);
    }
  });

  it("gives nothing out of a storage that does not let go of it", () => {
    const storage = new FakeStorage();
    const seats = new KeptSeats(storage, "seats");
    seats.keep([MAIN]);
    storage.isReadOnly = true;
    assert.equal(seats.take("place", MAIN.options), undefined);
  });
});
