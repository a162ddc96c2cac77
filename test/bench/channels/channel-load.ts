import { waitUntil } from "../../support/wait-until.ts";
import { answerParent } from "../child-program.ts";
import { connectClient, type LoadClient } from "./load-client.ts";
import type { ServerKind } from "./message.ts";

// Everybody who uses a server of the bench: subscribers who publish in turn.
const CONNECTING_AT_ONCE = 50;
const PUBLISH_EVERY_MS = 5;
const DRAIN_MS = 20_000;

export interface Crowd {
  readonly kind: ServerKind;
  readonly port: number;
  readonly clients: number;
  /** Topics that they are spread over: 1, or one for each. */
  readonly topics: number;
}

export interface LoadReport {
  readonly published: number;
  readonly delivered: number;
  readonly durationMs: number;
  /** Of this process: a generator that is busy measures itself. */
  readonly busyShare: number;
}

const clients: LoadClient[] = [];
let crowd: Crowd;
let published = 0;
let delivered = 0;
let handleDelivery = (): void => undefined;

const events = {
  delivered: () => {
    delivered += 1;
    handleDelivery();
  },
  acknowledged: () => undefined,
};

async function connect(wanted: Crowd): Promise<void> {
  crowd = wanted;
  for (let at = 0; at < crowd.clients; at += CONNECTING_AT_ONCE) {
    const count = Math.min(CONNECTING_AT_ONCE, crowd.clients - at);
    clients.push(...(await Promise.all(Array.from({ length: count }, (_, n) => enter(at + n)))));
  }
}

async function enter(number: number): Promise<LoadClient> {
  const client = await connectClient(crowd.kind, crowd.port, events);
  await client.subscribe(topicOf(number));
  return client;
}

function topicOf(number: number): string {
  return `bench/${number % crowd.topics}`;
}

function publish(): void {
  const turn = published % crowd.clients;
  published += 1;
  clients[turn]!.publish(topicOf(turn));
}

/** So many publications a second, whatever the server makes of them. */
async function publishSteadily(load: {
  perSecond: number;
  durationMs: number;
}): Promise<LoadReport> {
  return measure(async () => {
    const startedAt = performance.now();
    const before = published;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const passedMs = performance.now() - startedAt;
        const due = before + (Math.min(passedMs, load.durationMs) * load.perSecond) / 1_000;
        while (published < due) publish();
        if (passedMs < load.durationMs) return;
        clearInterval(timer);
        resolve();
      }, PUBLISH_EVERY_MS);
    });
  });
}

/** As many as are delivered: the next as soon as one of those under way is with everybody. */
async function publishMost(load: { underWay: number; durationMs: number }): Promise<LoadReport> {
  const fanOut = crowd.clients / crowd.topics;
  const most = load.underWay * fanOut;
  const endsAt = performance.now() + load.durationMs;
  return measure(async () => {
    const missingBefore = published * fanOut - delivered;
    const fill = (): void => {
      while (published * fanOut - delivered - missingBefore < most) publish();
    };
    handleDelivery = () => {
      if (published * fanOut - delivered - missingBefore <= most - fanOut) fill();
    };
    fill();
    await new Promise((resolve) => setTimeout(resolve, endsAt - performance.now()));
    handleDelivery = () => undefined;
  });
}

/** What happened meanwhile, until all of it was delivered. */
async function measure(work: () => Promise<void>): Promise<LoadReport> {
  const fanOut = crowd.clients / crowd.topics;
  const before = { published, delivered, at: performance.now(), cpu: process.cpuUsage() };
  await work();
  const wanted = before.delivered + (published - before.published) * fanOut;
  await waitUntil(() => delivered >= wanted, { timeoutMs: DRAIN_MS, what: "all is delivered" });
  const durationMs = performance.now() - before.at;
  const { user, system } = process.cpuUsage(before.cpu);
  return {
    published: published - before.published,
    delivered: delivered - before.delivered,
    durationMs,
    busyShare: (user + system) / 1_000 / durationMs,
  };
}

answerParent({ connect, publishSteadily, publishMost });
