import type { Server as HttpServer } from "node:http";
import type { Channel, ChannelOptions } from "../../client/channels/channel.ts";
import type { ChannelStatus } from "../../client/channels/handle-subscription.ts";
import { connect, type ConnectOptions } from "../../client/connect.ts";
import type { RealtimeClient } from "../../client/realtime-client.ts";
import { createServer } from "../../server/create-server.ts";
import { silentLogger } from "../../server/logger.ts";
import type { RealtimeServer } from "../../server/realtime-server.ts";
import type { ServerOptions } from "../../server/server-options.ts";
import { TEST_GUEST_SECRET } from "../../server/testing/create-test-server.ts";
import type { RealtimePayload } from "../../shared/events/publication.ts";
import { FaultyNetwork, type Dialer } from "../faults/support/faulty-network.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** A way from clients to a server. */
export interface TransportUnderTest {
  readonly name: string;
  /** Connections to the server of now. */
  dialer(server: () => HttpServer): Dialer;
}

type Options = Partial<ServerOptions<Record<string, never>>>;

/** Turns of the event loop in which whatever is on its way arrives, over TCP as well. */
const TURNS_PER_STEP = 8;
const STEP_MS = 250;
const DEADLINE_MS = 20_000;

/** A server and clients of it, on one clock that stands still, each client on its own network. */
export class TransportWorld {
  readonly clock = new FakeClock();
  server!: RealtimeServer<Record<string, never>>;
  readonly #transport: TransportUnderTest;
  readonly #options: Options;
  readonly #clients: WorldClient[] = [];
  #port = 0;

  constructor(transport: TransportUnderTest, options: Options) {
    this.#transport = transport;
    this.#options = options;
  }

  static async open(transport: TransportUnderTest, options: Options = {}): Promise<TransportWorld> {
    const world = new TransportWorld(transport, options);
    await world.start();
    return world;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.server = createServer({
      rooms: {},
      channels: [{ pattern: "**", publish: true }],
      guestSecret: TEST_GUEST_SECRET,
      logger: silentLogger,
      clock: this.clock,
      ...this.#options,
    });
    await this.server.listen(this.#port, "127.0.0.1");
    this.#port = this.server.port;
  }

  async stop(): Promise<void> {
    await this.#finish(this.server.close());
  }

  client(options: ConnectOptions = {}): WorldClient {
    const network = new FaultyNetwork(this.#transport.dialer(() => this.server.httpServer));
    const realtime = connect(this.url, {
      storage: null,
      clock: this.clock,
      ...network.options,
      ...options,
    });
    const client = new WorldClient(realtime, network);
    this.#clients.push(client);
    return client;
  }

  /** A client that is subscribed to the topic, and everything that it hears there. */
  async listener(topic: string, options?: ConnectOptions): Promise<WorldClient & { heard: Heard }> {
    const client = this.client(options);
    const heard = client.listen(topic);
    await this.until(() => heard.isLive, `"${topic}" is subscribed`);
    return Object.assign(client, { heard });
  }

  /** Lets happen what needs no time, until the condition holds. */
  async until(condition: () => boolean, what = String(condition)): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS;
    while (!condition()) {
      await this.clock.advance(0);
      if (Date.now() > deadline) throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
    }
  }

  /** Resolves with what the promise does, without any time that passes. */
  async done<Value>(promise: Promise<Value>): Promise<Value> {
    await this.#finish(promise);
    return await promise;
  }

  /** Moves time on, in steps in which everything under way arrives. */
  async pass(durationMs: number): Promise<void> {
    for (let leftMs = durationMs; leftMs > 0; leftMs -= STEP_MS) {
      await this.clock.advance(Math.min(STEP_MS, leftMs));
      await this.settle();
    }
  }

  /** Moves time on until the condition holds, however many attempts that takes. */
  async passUntil(condition: () => boolean, what = String(condition)): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS;
    while (!condition()) {
      await this.pass(STEP_MS);
      if (Date.now() > deadline) throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
    }
  }

  /** Lets arrive what is on its way. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS_PER_STEP; turn += 1) await this.clock.advance(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { realtime, network } of this.#clients) {
      realtime.disconnect();
      network.close();
    }
    await this.stop();
  }

  async #finish(promise: Promise<unknown>): Promise<void> {
    let isDone = false;
    const note = (): void => {
      isDone = true;
    };
    promise.then(note, note);
    await this.until(() => isDone, "the promise is settled");
  }
}

/** A client and the network between it and the server. */
export class WorldClient {
  readonly realtime: RealtimeClient<RealtimeServer<Record<string, never>>>;
  readonly network: FaultyNetwork;
  readonly statuses: string[] = [];

  constructor(
    realtime: RealtimeClient<RealtimeServer<Record<string, never>>>,
    network: FaultyNetwork,
  ) {
    this.realtime = realtime;
    this.network = network;
    realtime.onStatusChange((status) => this.statuses.push(status));
  }

  listen(topic: string, options?: ChannelOptions): Heard {
    return new Heard(this.realtime.channel(topic, options));
  }
}

/** A subscribed handle, and everything that its listeners were told. */
export class Heard {
  readonly channel: Channel;
  readonly all: RealtimePayload[] = [];
  readonly statuses: [status: ChannelStatus, code: string | undefined][] = [];

  constructor(channel: Channel) {
    this.channel = channel;
    for (const event of ["*", "presence:sync", "recovery", "resync"]) {
      channel.on(event, (payload: RealtimePayload) => this.all.push(payload));
    }
    channel.subscribe((status, error) => this.statuses.push([status, error?.code]));
  }

  get isLive(): boolean {
    return this.statuses.at(-1)?.[0] === "SUBSCRIBED";
  }

  /** Of everything that was published under this event, in the order of arrival. */
  data(event = "message"): unknown[] {
    return this.of(event).map(({ data }) => data as unknown);
  }

  of(event: string): RealtimePayload[] {
    return this.all.filter((payload) => payload.event === event);
  }

  get offsets(): (number | undefined)[] {
    return this.of("message").map(({ offset }) => offset);
  }
}
