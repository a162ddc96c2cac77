import assert from "node:assert/strict";
import { Endpoint } from "../../../../client/connection/endpoint.ts";

const seat = { processId: "p1", roomId: "r1", sessionId: "s1" };

describe("Endpoint", () => {
  for (const [url, matchmake, socket] of [
    ["ws://localhost:2567", "http://localhost:2567/", "ws://localhost:2567/"],
    ["http://10.0.0.7:80/", "http://10.0.0.7/", "ws://10.0.0.7/"],
    ["wss://game.test/eu/", "https://game.test/eu/", "wss://game.test/eu/"],
    ["https://[::1]:8443", "https://[::1]:8443/", "wss://[::1]:8443/"],
  ] as const) {
    it(`builds its addresses from ${url}`, () => {
      const endpoint = new Endpoint(url);
      assert.equal(
        endpoint.matchmakeUrl("joinOrCreate", "mini-place"),
        `${matchmake}matchmake/joinOrCreate/mini-place`,
      );
      assert.equal(endpoint.socketUrl(seat), `${socket}p1/r1?sessionId=s1`);
    });
  }

  it("goes to the public address of the room's process", () => {
    const endpoint = new Endpoint("wss://game.test/eu");
    const url = endpoint.socketUrl({ ...seat, publicAddress: "node-3.game.test/ws" });
    assert.equal(url, "wss://node-3.game.test/ws/p1/r1?sessionId=s1");
  });

  it("keeps names from changing the address", () => {
    const endpoint = new Endpoint("ws://localhost");
    const url = endpoint.matchmakeUrl("joinOrCreate", "../admin?x=1");
    assert.equal(url, "http://localhost/matchmake/joinOrCreate/..%2Fadmin%3Fx%3D1");
    const socket = endpoint.socketUrl({ ...seat, roomId: "a/b", sessionId: "s&t=1" });
    assert.equal(socket, "ws://localhost/p1/a%2Fb?sessionId=s%26t%3D1");
  });

  it("refuses what is no address of a server", () => {
    assert.throws(() => new Endpoint("ftp://game.test"), TypeError);
    assert.throws(() => new Endpoint("not an address"), TypeError);
    assert.throws(() => new Endpoint(""), TypeError);
  });

  it("takes a path for the page's own server", () => {
    const scope = globalThis as { location?: { href: string } };
    scope.location = { href: "http://192.168.1.5:2567/mini-place/?board=main" };
    try {
      const endpoint = new Endpoint("/");
      assert.equal(endpoint.host, "192.168.1.5:2567");
      assert.equal(endpoint.socketUrl(seat), "ws://192.168.1.5:2567/p1/r1?sessionId=s1");
    } finally {
      delete scope.location;
    }
  });
});
