import assert from "node:assert/strict";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { OriginGuard } from "../../../../server/http/origin-guard.ts";
import { TrustedProxies } from "../../../../server/transport/trusted-proxies.ts";

function requestOf(headers: IncomingHttpHeaders): IncomingMessage {
  return { headers, socket: { remoteAddress: "203.0.113.9" } } as IncomingMessage;
}

const guard = new OriginGuard([
  "https://partner.example",
  "http://localhost:5173",
  "capacitor://localhost",
]);

const ALLOWED: [why: string, headers: IncomingHttpHeaders][] = [
  ["without an Origin: not a browser", { host: "game.example" }],
  ["of the same host", { origin: "https://game.example", host: "game.example" }],
  ["of the same host over plain http", { origin: "http://game.example", host: "game.example" }],
  ["of the same host and port", { origin: "http://localhost:2567", host: "localhost:2567" }],
  ["of the same IPv6 address", { origin: "http://[::1]:2567", host: "[::1]:2567" }],
  ["of the same host, its port said", { origin: "https://game.example", host: "game.example:443" }],
  ["of the same host in another case", { origin: "HTTPS://GAME.EXAMPLE", host: "game.example" }],
  ["of an origin that is named", { origin: "https://partner.example", host: "game.example" }],
  ["of an app that is named", { origin: "capacitor://localhost", host: "game.example" }],
  ["of a port that is named", { origin: "http://localhost:5173", host: "localhost:2567" }],
];

const REFUSED: [why: string, headers: IncomingHttpHeaders][] = [
  ["that hides its origin", { origin: "null", host: "game.example" }],
  ["of another host", { origin: "https://evil.example", host: "game.example" }],
  ["of another port", { origin: "http://localhost:8080", host: "localhost:2567" }],
  ["of a subdomain", { origin: "https://a.game.example", host: "game.example" }],
  ["of the parent domain", { origin: "https://example", host: "game.example" }],
  ["of a host that begins the same", { origin: "https://game.example.evil", host: "game.example" }],
  ["of a host that ends the same", { origin: "https://evilgame.example", host: "game.example" }],
  ["of a named host over plain http", { origin: "http://partner.example", host: "game.example" }],
  ["of another port of a named host", { origin: "https://partner.example:1", host: "a.example" }],
  [
    "with the host as its user",
    { origin: "https://game.example@evil.example", host: "game.example" },
  ],
  ["with an empty Origin", { origin: "", host: "game.example" }],
  ["with an Origin that is no URL", { origin: "game.example", host: "game.example" }],
  ["with an Origin, to a server it does not name", { origin: "https://game.example" }],
  ["of a file, to a server it does not name", { origin: "file://" }],
  ["of an app that calls itself the same", { origin: "ionic://localhost", host: "localhost" }],
  ["of an extension", { origin: "chrome-extension://game", host: "game" }],
];

describe("OriginGuard", () => {
  for (const [why, headers] of ALLOWED) {
    it(`lets in a request ${why}`, () => {
      assert.equal(guard.allows(requestOf(headers)), true);
    });
  }

  for (const [why, headers] of REFUSED) {
    it(`refuses a page ${why}`, () => {
      assert.equal(guard.allows(requestOf(headers)), false);
    });
  }

  it("goes by the host and protocol that a trusted proxy was asked for, and nobody else", () => {
    const behind = new OriginGuard([], new TrustedProxies(["203.0.113.9"]));
    const forwarded = { host: "app:2567", "x-forwarded-host": "game.example" };
    const page = { origin: "https://game.example", ...forwarded, "x-forwarded-proto": "https" };
    assert.equal(behind.allows(requestOf(page)), true);
    assert.equal(guard.allows(requestOf(page)), false);
    for (const origin of ["http://game.example", "https://app:2567", "https://evil.example"]) {
      assert.equal(behind.allows(requestOf({ ...page, origin })), false, origin);
    }
    const port = { ...page, origin: "https://game.example:8443" };
    assert.equal(behind.allows(requestOf(port)), false);
    const ported = { ...port, "x-forwarded-host": "game.example:8443" };
    assert.equal(behind.allows(requestOf(ported)), true);
    // A proxy that passes the host on and ends TLS.
    const plain = {
      origin: "https://game.example",
      host: "game.example",
      "x-forwarded-proto": "https",
    };
    assert.equal(behind.allows(requestOf(plain)), true);
  });

  it("lets in pages of its own origin only when no other is named", () => {
    const strict = new OriginGuard();
    const headers = { origin: "https://partner.example", host: "game.example" };
    assert.equal(strict.allows(requestOf(headers)), false);
    assert.equal(strict.allows(requestOf({ ...headers, host: "partner.example" })), true);
  });

  it("refuses to be told of an origin that no page has, and says what one looks like", () => {
    for (const text of ["game.example", "localhost:5173", "", "file:///game"]) {
      assert.throws(() => new OriginGuard([text]), /allowed origin ".*" is not .* https:/, text);
    }
  });
});
