import assert from "node:assert/strict";
import type { ServerOptions } from "../../server/server-options.ts";
import type { RoomTable } from "../../server/matchmaking/room-table.ts";
import type { PresenceEvent } from "../../shared/events/presence-event.ts";
import type { Publication } from "../../shared/events/publication.ts";
import {
  type ChannelOperation,
  type ChannelOperations,
  HUB_ROOM,
} from "../../shared/protocol/channel-messages.ts";
import type { WireError } from "../../shared/protocol/intent-frame.ts";
import {
  type Answers,
  type AskedFor,
  fromWireAnswer,
  fromWireNews,
  type HeardNews,
  toWireArguments,
} from "./channel-wire.ts";
import { FakeClock } from "./fake-clock.ts";
import type { FrameClient } from "./frame-client.ts";
import {
  type JoinFramesOptions,
  type SeatAnswer,
  startTestServer,
  type TestServer,
} from "./start-test-server.ts";
import { waitUntil } from "./wait-until.ts";

/** A frame client that asks for channel operations and sorts what it is told. */
export class ChannelClient {
  readonly frames: FrameClient & { readonly seat: SeatAnswer };

  constructor(frames: FrameClient & { readonly seat: SeatAnswer }) {
    this.frames = frames;
  }

  static async join(
    server: TestServer<RoomTable>,
    how: JoinFramesOptions = {},
    room = HUB_ROOM,
  ): Promise<ChannelClient> {
    return new ChannelClient(await server.joinFrames(room, {}, how));
  }

  get userId(): string {
    return this.frames.seat.identity.user.id;
  }

  get sessionId(): string {
    return this.frames.seat.sessionId;
  }

  get token(): string {
    return this.frames.seat.identity.token!;
  }

  /** The answer; fails the test when there is a refusal in its place. */
  async ask<Name extends ChannelOperation>(
    name: Name,
    given: AskedFor<Name> & object,
  ): Promise<Answers[Name]> {
    const { status, payload } = await this.frames.operation(name, toWireArguments(given));
    assert.equal(status, 0, `${name}: ${JSON.stringify(payload)}`);
    return fromWireAnswer(name, payload);
  }

  /** The refusal; fails the test when there is an answer in its place. */
  async refusal(name: string, given: object): Promise<WireError> {
    return this.refusalOfRaw(name, toWireArguments(given));
  }

  /** Like `refusal`, of arguments that go out as they are. */
  async refusalOfRaw(name: string, given: unknown): Promise<WireError> {
    const { status, payload } = await this.frames.operation(name, given);
    assert.equal(status, 1, `${name}: ${JSON.stringify(payload)}`);
    return payload as WireError;
  }

  async publish(
    topic: string,
    data: unknown,
    more: Partial<ChannelOperations["publish"]["arguments"]> = {},
  ): Promise<Answers["publish"]> {
    return this.ask("publish", { topic, event: "message", data, ...more } as never);
  }

  news(topic: string): HeardNews[] {
    return this.frames
      .news()
      .filter((each) => each.topic === topic)
      .map(fromWireNews);
  }

  publications(topic: string): Publication[] {
    const news = this.news(topic);
    return news.flatMap((each) => (each.kind === "publication" ? [each.publication] : []));
  }

  /** Payloads of the publications so far. */
  heard(topic: string): unknown[] {
    return this.publications(topic).map(({ data }) => data);
  }

  presence(topic: string): PresenceEvent[] {
    const news = this.news(topic);
    return news.flatMap((each) => (each.kind === "presence" ? [each.presence] : []));
  }

  /** `name reason` of the presence events so far, without the prefix. */
  presenceNames(topic: string): string[] {
    return this.presence(topic).map(({ event, reason = "" }) =>
      `${event.slice("presence:".length)} ${reason}`.trim(),
    );
  }

  /** Resolves when everything that the server has sent so far has arrived. */
  async settle(): Promise<void> {
    await this.frames.operation("unsubscribe", { topic: "nothing/to/do/with/it" });
  }

  /** Takes the held seat with a connection of its own, whatever became of the one before. */
  async reconnect(server: TestServer<RoomTable>): Promise<ChannelClient> {
    const { seat, reconnectionToken } = this.frames;
    const again = await server.reserveSeat(
      seat.roomId,
      { reconnectionToken },
      { method: "reconnect", token: this.token },
    );
    assert.equal(again.status, 200, again.error);
    const subprotocols = ["atrium.1", `atrium-reconnect.${reconnectionToken}`];
    const taken = server.takeSeat({ ...seat, ...again }, { subprotocols });
    await taken.joined();
    return new ChannelClient(Object.assign(taken, { seat }));
  }
}

/** A server whose time a test moves; rooms tick all the same, because no time is needed. */
export class StoppedServer {
  readonly server: TestServer<RoomTable>;
  readonly clock: FakeClock;
  readonly #turning: NodeJS.Timeout;

  private constructor(server: TestServer<RoomTable>, clock: FakeClock) {
    this.server = server;
    this.clock = clock;
    this.#turning = setInterval(() => clock.advanceSync(0), 1);
  }

  static async start(options: ServerOptions<RoomTable>): Promise<StoppedServer> {
    const clock = new FakeClock();
    return new StoppedServer(await startTestServer({ ...options, clock }), clock);
  }

  async close(): Promise<void> {
    await this.server.close();
    clearInterval(this.#turning);
  }
}

/** Resolves when the server has noticed that so many clients of the room are left. */
export async function waitForClients(
  room: { readonly clients: { readonly length: number } },
  count: number,
): Promise<void> {
  await waitUntil(() => room.clients.length === count, { what: `${count} clients are left` });
}
