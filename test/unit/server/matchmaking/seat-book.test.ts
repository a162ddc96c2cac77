import assert from "node:assert/strict";
import { SeatBook } from "../../../../server/matchmaking/seat-book.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { ADA, BOB } from "../../../support/recorded-client.ts";

const ADAS_SEAT = { user: ADA, token: "ada's token" };
const BOBS_SEAT = { user: BOB, token: undefined };

describe("SeatBook", () => {
  it("knows whom a session was given to", () => {
    const seats = new SeatBook(new FakeClock());
    seats.reserve("s1", ADAS_SEAT);
    seats.reserve("s2", BOBS_SEAT);
    assert.deepEqual(seats.find("s1")?.user, ADA);
    assert.equal(seats.find("s1")?.token, "ada's token");
    assert.deepEqual(seats.find("s2")?.user, BOB);
    assert.equal(seats.find("s3"), undefined);
  });

  it("forgets a seat that nobody took within a minute, when the next one is reserved", () => {
    const clock = new FakeClock();
    const seats = new SeatBook(clock);
    seats.reserve("s1", ADAS_SEAT);
    clock.advanceSync(59_999);
    seats.reserve("s2", BOBS_SEAT);
    assert.notEqual(seats.find("s1"), undefined);
    clock.advanceSync(1);
    seats.reserve("s3", BOBS_SEAT);
    assert.equal(seats.find("s1"), undefined);
    assert.notEqual(seats.find("s2"), undefined);
  });

  it("keeps a seat that somebody sits in, for as long as they do", () => {
    const clock = new FakeClock();
    const seats = new SeatBook(clock);
    seats.reserve("s1", ADAS_SEAT);
    seats.claim("s1");
    clock.advanceSync(86_400_000);
    seats.reserve("s2", BOBS_SEAT);
    assert.deepEqual(seats.find("s1")?.user, ADA);
    seats.release("s1");
    assert.equal(seats.find("s1"), undefined);
  });

  it("forgets unclaimed seats that were reserved after claimed ones", () => {
    const clock = new FakeClock();
    const seats = new SeatBook(clock);
    for (const [index, id] of ["a", "b", "c", "d"].entries()) {
      seats.reserve(id, ADAS_SEAT);
      if (index % 2 === 0) seats.claim(id);
    }
    clock.advanceSync(60_000);
    seats.reserve("e", BOBS_SEAT);
    const known = ["a", "b", "c", "d", "e"].filter((id) => seats.find(id) !== undefined);
    assert.deepEqual(known, ["a", "c", "e"]);
  });

  it("takes a newer token of the same user, and of nobody else", () => {
    const seats = new SeatBook(new FakeClock());
    seats.reserve("s1", { ...ADAS_SEAT, expiresAt: 1, isOurs: true });
    seats.renew("s1", { user: { ...ADA, role: "moderator" }, token: "newer", expiresAt: 2 });
    const renewed = {
      user: { ...ADA, role: "moderator" },
      token: "newer",
      expiresAt: 2,
      isOurs: true,
      isAdmitted: true,
    };
    assert.deepEqual(seats.find("s1"), renewed);
    seats.renew("s1", { user: BOB, token: "bob's token" });
    assert.deepEqual(seats.find("s1"), renewed);
    seats.renew("s1", { user: ADA, token: "for ever" });
    assert.equal(seats.find("s1")?.expiresAt, undefined);
  });

  it("takes no notice of claims and releases of sessions that it does not know", () => {
    const seats = new SeatBook(new FakeClock());
    seats.claim("nobody");
    seats.renew("nobody", ADAS_SEAT);
    seats.release("nobody");
    assert.equal(seats.find("nobody"), undefined);
  });
});
