import assert from "node:assert/strict";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { networkOf, parseAddress } from "../../../../server/transport/peer-address.ts";
import { TrustedProxies } from "../../../../server/transport/trusted-proxies.ts";

function requestFrom(remoteAddress: string, headers: IncomingHttpHeaders = {}): IncomingMessage {
  return { headers, socket: { remoteAddress } } as IncomingMessage;
}

const proxies = new TrustedProxies(["10.0.0.0/8", "192.0.2.1", "2001:db8:1::/48"]);

function addressBehind(peer: string, forwardedFor: string): string | undefined {
  return proxies.read(requestFrom(peer, { "x-forwarded-for": forwardedFor })).address;
}

describe("TrustedProxies", () => {
  it("believes nobody by default: the address is the peer's", () => {
    const forged = {
      "x-forwarded-for": "198.51.100.7",
      "x-real-ip": "198.51.100.7",
      "x-client-ip": "198.51.100.7",
      "cf-connecting-ip": "198.51.100.7",
      "true-client-ip": "198.51.100.7",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
      forwarded: "for=198.51.100.7",
    };
    const own = { host: "game.example", "user-agent": "a", "x-forward": "b", "x-real": "c" };
    const read = new TrustedProxies().read(requestFrom("203.0.113.5", { ...forged, ...own }));
    assert.deepEqual(read, {
      address: "203.0.113.5",
      host: "game.example",
      isSecure: undefined,
      headers: own,
    });
  });

  const HOPS: [peer: string, forwardedFor: string, address: string, why: string][] = [
    ["10.1.2.3", "198.51.100.7", "198.51.100.7", "what the proxy says"],
    ["::ffff:10.1.2.3", "198.51.100.7", "198.51.100.7", "a proxy on a socket for both"],
    ["10.1.2.3", "1.1.1.1, 198.51.100.7", "198.51.100.7", "not what the client made up"],
    ["10.1.2.3", "1.1.1.1, 10.9.9.9, 198.51.100.7", "198.51.100.7", "nor in a proxy's name"],
    ["10.1.2.3", "1.1.1.1, 198.51.100.7, 192.0.2.1", "198.51.100.7", "what is behind two proxies"],
    ["10.1.2.3", "198.51.100.7:5555", "198.51.100.7", "without its port"],
    ["10.1.2.3", "2001:db8:2::1", "2001:db8:2::1", "IPv6"],
    ["10.1.2.3", '"[2001:DB8:2::1]:5555"', "2001:db8:2::1", "IPv6 in brackets"],
    ["2001:db8:1::9", "198.51.100.7", "198.51.100.7", "an IPv6 proxy"],
    ["10.1.2.3", "unknown", "10.1.2.3", "the proxy where it does not know"],
    ["10.1.2.3", "1.1.1.1, garbage", "10.1.2.3", "nothing to the left of garbage"],
    ["10.1.2.3", "", "10.1.2.3", "the proxy where it says nothing"],
    ["10.1.2.3", "10.4.4.4", "10.4.4.4", "one inside of the house"],
    ["203.0.113.5", "198.51.100.7", "203.0.113.5", "the peer where it is no proxy"],
    ["2001:db8:2::9", "198.51.100.7", "2001:db8:2::9", "nor one of the next range"],
  ];
  for (const [peer, forwardedFor, address, why] of HOPS) {
    it(`takes ${why}: "${forwardedFor}" from ${peer} is ${address}`, () => {
      assert.equal(addressBehind(peer, forwardedFor), address);
    });
  }

  it("takes host and protocol from a proxy", () => {
    const headers = { "x-forwarded-host": "a.example, b.example", "x-forwarded-proto": "https" };
    const { host, isSecure } = proxies.read(requestFrom("192.0.2.1", { host: "app", ...headers }));
    assert.deepEqual([host, isSecure], ["a.example", true]);
    const plain = proxies.read(requestFrom("192.0.2.1", { "x-forwarded-proto": "http" }));
    assert.deepEqual([plain.host, plain.isSecure], [undefined, false]);
  });

  it("says once who forwards and is not known", () => {
    const unknown: string[] = [];
    const strict = new TrustedProxies(["10.0.0.1"], (peer) => unknown.push(peer));
    strict.read(requestFrom("10.0.0.1", { "x-forwarded-for": "1.1.1.1" }));
    strict.read(requestFrom("10.0.0.2"));
    assert.deepEqual(unknown, []);
    strict.read(requestFrom("10.0.0.2", { "x-forwarded-for": "1.1.1.1" }));
    strict.read(requestFrom("10.0.0.3", { "x-forwarded-for": "1.1.1.1" }));
    assert.deepEqual(unknown, ["10.0.0.2"]);
  });

  for (const text of ["", "proxy", "10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "::1/129", "::1/x"]) {
    it(`refuses "${text}" as a proxy`, () => {
      assert.throws(() => new TrustedProxies([text]), TypeError);
    });
  }
});

describe("networkOf", () => {
  it("counts IPv4 by address and IPv6 by the 64 bits that one household has", () => {
    assert.equal(networkOf("203.0.113.5"), "203.0.113.5");
    const one = ["2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:0db8::1:0:0:0:9"];
    assert.deepEqual(new Set(one.map(networkOf)), new Set(["2001:db8:0:1::/64"]));
    assert.equal(networkOf("2001:db8:0:2::1"), "2001:db8:0:2::/64");
    assert.equal(networkOf("::1"), "0:0:0:0::/64");
    assert.equal(networkOf("64:ff9b::1.2.3.4"), "64:ff9b:0:0::/64");
  });
});

describe("parseAddress", () => {
  it("is undefined for what is no address", () => {
    for (const text of ["", "unknown", "1.2.3", "1.2.3.4.5", "_hidden", "[::1", "localhost"]) {
      assert.equal(parseAddress(text), undefined, text);
    }
    assert.equal(parseAddress("fe80::1%eth0"), "fe80::1");
    assert.equal(parseAddress(" ::FFFF:1.2.3.4 "), "1.2.3.4");
  });
});
