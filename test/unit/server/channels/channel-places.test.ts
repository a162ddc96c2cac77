import assert from "node:assert/strict";
import { Channel } from "../../../../server/channels/channel.ts";
import { ChannelLog } from "../../../../server/channels/channel-log.ts";
import { ChannelPlaces, type Taking } from "../../../../server/channels/channel-places.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { RecordedSubscriber } from "../../../support/recorded-subscriber.ts";
import { refusalOf } from "../../../support/refusal-of.ts";

const CLIENT_STAYS: Taking = { by: "client", to: "stay" };
const CLIENT_SAYS: Taking = { by: "client", to: "publish" };
const SERVER_SAYS: Taking = { by: "server", to: "publish" };

describe("ChannelPlaces", () => {
  let clock: FakeClock;
  let places: ChannelPlaces;
  const ada = new RecordedSubscriber("ada");

  beforeEach(() => {
    clock = new FakeClock();
    places = new ChannelPlaces(3, clock);
  });

  const open = (topic: string): Channel => new Channel(topic, new ChannelLog(clock), clock);

  /** Channels on which somebody is subscribed. */
  function occupy(count: number): Channel[] {
    return Array.from({ length: count }, (_, at) => {
      const channel = open(`${at}`);
      places.take(channel, CLIENT_STAYS);
      channel.subscribe(ada);
      return channel;
    });
  }

  it("gives so many, and each of them as often as one likes", async () => {
    const channels = occupy(3);
    for (const channel of channels) places.take(channel, CLIENT_STAYS);
    const { code, message, retryAfterMs } = await refusalOf(() =>
      places.take(open("one too many"), CLIENT_STAYS),
    );
    assert.deepEqual([code, message], ["channel-limit", "more than 3 channels in use"]);
    assert.equal(retryAfterMs, undefined);
  });

  it("gives a place again as soon as nobody is there any more", async () => {
    const [first] = occupy(3);
    first!.unsubscribe(ada);
    places.take(open("another"), CLIENT_SAYS);
    await refusalOf(() => places.take(open("one too many"), CLIENT_SAYS));
  });

  it("counts what was said with nobody there for 10 s, and says how long to wait", async () => {
    occupy(1);
    places.take(open("a"), CLIENT_SAYS);
    clock.advanceSync(4_000);
    places.take(open("b"), CLIENT_SAYS);
    const { retryAfterMs } = await refusalOf(() => places.take(open("c"), CLIENT_SAYS));
    assert.equal(retryAfterMs, 6_000);
    clock.advanceSync(5_999);
    await refusalOf(() => places.take(open("c"), CLIENT_SAYS));
    clock.advanceSync(1);
    places.take(open("c"), CLIENT_SAYS);
  });

  it("does not count what was said where somebody listened once they are gone", () => {
    const channels = occupy(3);
    for (const channel of channels) places.take(channel, CLIENT_SAYS);
    for (const channel of channels) channel.unsubscribe(ada);
    for (const topic of ["a", "b", "c"]) places.take(open(topic), CLIENT_SAYS);
  });

  it("lets clients take no place away from the server's own code, which has as many", async () => {
    occupy(3);
    for (const topic of ["a", "b", "c"]) places.take(open(topic), SERVER_SAYS);
    const { code, retryAfterMs } = await refusalOf(() => places.take(open("d"), SERVER_SAYS));
    assert.deepEqual([code, retryAfterMs], ["channel-limit", 10_000]);
    // Everybody may hear what the server says, however many channels that makes.
    places.take(open("a"), CLIENT_STAYS);
    await refusalOf(() => places.take(open("d"), CLIENT_STAYS));
  });

  it("knows a channel by its topic, also one that was closed and opened again", async () => {
    occupy(2);
    places.take(open("a"), CLIENT_SAYS);
    clock.advanceSync(5_000);
    const again = open("a");
    places.take(again, CLIENT_STAYS);
    again.subscribe(ada);
    clock.advanceSync(60_000);
    await refusalOf(() => places.take(open("b"), CLIENT_STAYS));
  });
});
