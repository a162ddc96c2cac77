import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { Server as HttpServer } from "node:http";
import { Entrance } from "../../../../server/http/entrance.ts";
import { toLimits } from "../../../../server/limits/server-limits.ts";
import { silentLogger } from "../../../../server/logger.ts";
import { FakeClock } from "../../../support/fake-clock.ts";

class FakeSocket extends EventEmitter {
  readonly remoteAddress: string;
  isDestroyed = false;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}

/** How many of these connections are let in where an address may have two. */
function countAdmitted(addresses: readonly string[], trustedProxies: string[] = []): number {
  const limits = toLimits({ address: { connections: 1 } });
  const server = new EventEmitter();
  const entrance = new Entrance({ trustedProxies }, limits, new FakeClock(), silentLogger);
  entrance.guard(server as HttpServer);
  const sockets = addresses.map((address) => new FakeSocket(address));
  for (const socket of sockets) server.emit("connection", socket);
  return sockets.filter(({ isDestroyed }) => !isDestroyed).length;
}

describe("Entrance, of connections to a server that it guards,", () => {
  it("lets in so many of one address, however it is written", () => {
    assert.equal(countAdmitted(Array(5).fill("203.0.113.5")), 2);
    assert.equal(countAdmitted(["203.0.113.5", "::ffff:203.0.113.5", "::FFFF:203.0.113.5"]), 2);
  });

  it("counts each IPv4 address by itself, also on a server that listens on IPv6", () => {
    const peers = [1, 2, 3, 4, 5].map((last) => `::ffff:203.0.113.${last}`);
    assert.equal(countAdmitted(peers), 5);
  });

  it("counts none of a trusted proxy", () => {
    assert.equal(countAdmitted(Array(5).fill("::ffff:10.0.0.1"), ["10.0.0.1"]), 5);
  });
});
