import { Protocol } from "@colyseus/shared-types";
import { pack } from "msgpackr";
import { CHANNEL_TYPE } from "../../../shared/protocol/channel-messages.ts";
import { INTENT_TYPE } from "../../../shared/protocol/intent-frame.ts";
import { PROTOCOL_VERSION } from "../../../shared/protocol/protocol-version.ts";
import { messageFrame, requestFrame } from "../../support/frame-client.ts";
import type { SeededRandom } from "../../support/seeded-random.ts";

/** Deeper than any recursion gets. */
const NESTED = 3_000;
const NAMES = ["echo", "put", "stock", "none", "__proto__", "constructor", "toString", ""];
const OPERATIONS = ["subscribe", "publish", "track", "history", "hasOwnProperty", "__proto__"];

type Make = (random: SeededRandom) => Uint8Array;

/** What a client of ours could send, filled with what no client of ours would. */
const HOSTILE: readonly Make[] = [
  (random) => request(INTENT_TYPE, [PROTOCOL_VERSION, id(random), name(random), value(random)]),
  (random) => request(INTENT_TYPE, [value(random), value(random), value(random), value(random)]),
  (random) => request(INTENT_TYPE, value(random)),
  (random) =>
    request(CHANNEL_TYPE, [PROTOCOL_VERSION, id(random), random.pick(OPERATIONS), value(random)]),
  (random) =>
    request(CHANNEL_TYPE, [
      PROTOCOL_VERSION,
      id(random),
      random.pick(OPERATIONS),
      { topic: value(random), channel: value(random), event: value(random), data: value(random) },
    ]),
  (random) => request(name(random), value(random)),
  (random) => messageFrame(name(random), value(random)),
];

/** What takes a frame that is fit and breaks it. */
const BREAKING: readonly ((frame: Uint8Array, random: SeededRandom) => Uint8Array)[] = [
  // Some of its bits are others.
  (frame, random) => {
    const broken = Uint8Array.from(frame);
    for (let flips = random.integer(1, 8); flips > 0; flips -= 1) {
      broken[random.integer(0, broken.length - 1)]! ^= 1 << random.integer(0, 7);
    }
    return broken;
  },
  // Its end is missing.
  (frame, random) => frame.slice(0, random.integer(0, frame.length - 1)),
  // Nothing of it is left.
  (_frame, random) => bytes(random, random.integer(1, 200)),
  // It says that it is far longer than it is: strings, bytes, arrays and maps of 4 GB.
  (frame, random) => {
    const prefix = random.pick([0xdb, 0xc6, 0xdd, 0xdf]);
    const at = random.integer(1, frame.length);
    return Buffer.concat([frame.subarray(0, at), Uint8Array.of(prefix, 0xff, 0xff, 0xff, 0xff)]);
  },
  // It goes on with something that nests without an end.
  (frame, random) => {
    const at = random.integer(1, frame.length);
    const levels = new Uint8Array(NESTED).fill(random.pick([0x91, 0x81]));
    return Buffer.concat([frame.subarray(0, at), levels]);
  },
  // It is of another kind.
  (frame, random) => Buffer.concat([Uint8Array.of(random.integer(0, 255)), frame.subarray(1)]),
];

/** A frame that can be read, and should not be trusted. */
export function hostileFrame(random: SeededRandom): Uint8Array {
  return random.pick(HOSTILE)(random);
}

/** A frame that can perhaps not be read. */
export function brokenFrame(random: SeededRandom): Uint8Array {
  return random.pick(BREAKING)(hostileFrame(random), random);
}

function request(type: string, payload: unknown): Uint8Array {
  return requestFrame(1, type, payload);
}

function id(random: SeededRandom): unknown {
  return random.pick([
    `fuzz-${random.integer(0, 1e9)}`,
    `fuzz-${random.integer(0, 1e9)}`,
    "x".repeat(100),
    "__proto__",
    "",
    -1,
    null,
  ]);
}

function name(random: SeededRandom): string {
  return random.pick(NAMES);
}

function value(random: SeededRandom, depth = 0): unknown {
  const leaves: readonly (() => unknown)[] = [
    () => null,
    () => undefined,
    () => random.integer(-(2 ** 31), 2 ** 31),
    () => random.pick([NaN, Infinity, -Infinity, -0, 2 ** 53, 1e308]),
    () => "x".repeat(random.integer(0, 300)),
    () => "\ud800\u0000\u{1f600}",
    () => bytes(random, random.integer(0, 50)),
    () => new Date(random.pick([0, NaN, 8.64e15])),
    () => new Map([["__proto__", { polluted: true }]]),
    () => BigInt(random.integer(0, 1e9)) * 10n ** 9n,
  ];
  if (depth > 3) return random.pick(leaves)();
  const branches: readonly (() => unknown)[] = [
    () => Array.from({ length: random.integer(0, 5) }, () => value(random, depth + 1)),
    () => ({ key: random.pick(["a", "z"]), value: value(random, depth + 1) }),
    () => withKey("__proto__", { polluted: value(random, depth + 1) }),
    () => withKey("constructor", { prototype: { polluted: value(random, depth + 1) } }),
    () => withKey("toJSON", value(random, depth + 1)),
    () => nested(random.integer(10, 300)),
  ];
  return random.pick([...leaves, ...branches])();
}

/** An object with that very key, of its own. */
function withKey(key: string, content: unknown): unknown {
  return Object.defineProperty({}, key, { value: content, enumerable: true });
}

function nested(depth: number): unknown {
  let innermost: unknown = 1;
  for (let level = 0; level < depth; level += 1) innermost = [innermost];
  return innermost;
}

function bytes(random: SeededRandom, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.integer(0, 255));
}

/** The acknowledgement of a join, several times, and what else no client sends behind it. */
export function strayFrame(random: SeededRandom): Uint8Array {
  const codes = Object.values(Protocol).filter((code) => typeof code === "number");
  return Buffer.concat([Uint8Array.of(random.pick(codes)), pack(value(random))]);
}

/** Something like the upgrade request of a client. */
export function brokenUpgrade(random: SeededRandom, path: string): Uint8Array {
  const lines = [
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${Buffer.from(bytes(random, 16)).toString("base64")}`,
    `Sec-WebSocket-Protocol: atrium.${PROTOCOL_VERSION}, reconnect.${"x".repeat(random.integer(0, 200))}`,
  ];
  const whole = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  const isFit = random.next() < 0.3;
  if (isFit) return Buffer.concat([whole, brokenFrame(random)]);
  const broken = random.pick(BREAKING)(whole, random);
  return random.next() < 0.5 ? broken : Buffer.concat([broken, Buffer.from("\r\n\r\n")]);
}
