import {
  ADDRESS_FAILURES,
  ADDRESS_FRAME_RATES,
  ADDRESS_JOINS,
  MAX_CONNECTIONS_PER_ADDRESS,
  MAX_FRAME_BURST,
  MAX_FRAME_BYTES_BURST,
  MAX_FRAME_BYTES_PER_SECOND,
  MAX_FRAMES_PER_SECOND,
  MAX_QUEUED_BYTES,
  MAX_QUEUED_PATCH_BYTES,
  MAX_STORED_AGE_MS,
  MAX_STORED_MESSAGES,
  MAX_SUBSCRIPTIONS_PER_SESSION,
  MAX_WINDOW_AGE_MS,
  MAX_WINDOW_BYTES,
  MAX_WINDOW_PUBLICATIONS,
  MAX_WINDOWS_BYTES,
  PRESENCE_GRACE_MS,
  SESSION_RATES,
  USER_FRAME_RATES,
  USER_JOINS,
  USER_RATES,
} from "../../shared/limits.ts";
import { type Rate, type RateOption, toCount, toRate } from "./rate.ts";

/** What one session or user may do on channels. */
export interface ClientRates<Of = Rate> {
  /** Messages published, edited and deleted. */
  readonly publications: Of;
  /** Their payloads, in bytes of JSON. */
  readonly publicationBytes: Of;
  /** Everything else that is asked of channels, such as subscribing and being present. */
  readonly operations: Of;
  readonly historyReads: Of;
  /** What is told again to those who were away, in bytes. */
  readonly replayBytes: Of;
}

/** What one connection may send. More than that closes it. */
export interface FrameRates<Of = Rate> {
  readonly frames: Of;
  readonly frameBytes: Of;
}

/** What waits in the server for one connection that does not read; messages beyond it close it. */
export interface QueueLimit {
  readonly queuedBytes: number;
}

/** Who asks for seats, and how often. */
export interface JoinRates<Of = Rate> {
  readonly joins: Of;
}

/** What may come from one address: an IPv4 address, or 64 bits of an IPv6 one. */
export interface AddressRates<Of = Rate> extends FrameRates<Of>, JoinRates<Of> {
  /** Tokens, keys and seats that turned out wrong. */
  readonly failures: Of;
}

/** What a topic remembers for those who were away: whichever is reached first. */
export interface WindowLimits {
  readonly publications: number;
  readonly ageMs: number;
  readonly bytes: number;
}

/** Which persisted messages of a topic are kept: the newest, and for how long. */
export interface RetentionLimits {
  readonly messages: number;
  readonly ageMs: number;
}

/** For how long a member whose connection was lost still counts as present. */
export interface PresenceLimits {
  readonly graceMs: number;
}

/** What is limited in a server, and to what. */
export interface ServerLimits {
  readonly connection: FrameRates & QueueLimit;
  readonly session: ClientRates & { readonly subscriptions: number };
  readonly user: ClientRates & FrameRates & JoinRates;
  readonly address: AddressRates & { readonly connections: number };
  readonly window: WindowLimits;
  /** All topics of this process together, with what is around their payloads. */
  readonly allWindows: { readonly bytes: number };
  readonly retention: RetentionLimits;
  readonly presence: PresenceLimits;
}

/** What differs from the defaults, which docs/channels.md lists. */
export interface LimitOptions {
  /** Each connection, in frames of whatever kind; beyond it is closed as a flood. */
  readonly connection?: Partial<FrameRates<RateOption> & QueueLimit>;
  /** Each session, which is what one connection of ours is. */
  readonly session?: Partial<ClientRates<RateOption> & { readonly subscriptions: number }>;
  /** Each user, over all sessions of this process. */
  readonly user?: Partial<ClientRates<RateOption> & FrameRates<RateOption> & JoinRates<RateOption>>;
  /** Each address, over all users of this process behind it. */
  readonly address?: Partial<AddressRates<RateOption> & { readonly connections: number }>;
  readonly window?: Partial<WindowLimits>;
  readonly allWindows?: { readonly bytes: number };
  /** For the stores that the server opens itself: your own decides by itself. */
  readonly retention?: Partial<RetentionLimits>;
  readonly presence?: Partial<PresenceLimits>;
}

export const defaultLimits: ServerLimits = {
  connection: {
    frames: { perSecond: MAX_FRAMES_PER_SECOND, burst: MAX_FRAME_BURST },
    frameBytes: { perSecond: MAX_FRAME_BYTES_PER_SECOND, burst: MAX_FRAME_BYTES_BURST },
    queuedBytes: MAX_QUEUED_BYTES,
  },
  session: { ...SESSION_RATES, subscriptions: MAX_SUBSCRIPTIONS_PER_SESSION },
  user: { ...USER_RATES, ...USER_FRAME_RATES, joins: USER_JOINS },
  address: {
    ...ADDRESS_FRAME_RATES,
    joins: ADDRESS_JOINS,
    failures: ADDRESS_FAILURES,
    connections: MAX_CONNECTIONS_PER_ADDRESS,
  },
  window: {
    publications: MAX_WINDOW_PUBLICATIONS,
    ageMs: MAX_WINDOW_AGE_MS,
    bytes: MAX_WINDOW_BYTES,
  },
  allWindows: { bytes: MAX_WINDOWS_BYTES },
  retention: { messages: MAX_STORED_MESSAGES, ageMs: MAX_STORED_AGE_MS },
  presence: { graceMs: PRESENCE_GRACE_MS },
};

/** The defaults with what `options` say instead. Throws `RangeError` for what cannot be. */
export function toLimits(options: LimitOptions = {}): ServerLimits {
  const limits = overlay("limits", defaultLimits, options);
  // Less would cut a client for the patches that it is sent before it counts as slow.
  toCount(limits.connection.queuedBytes, "limits.connection.queuedBytes", MAX_QUEUED_PATCH_BYTES);
  return limits;
}

/**
 * Each default, or the option in its place: groups of limits go by their parts, and what is
 * a rate by default is read as one.
 */
function overlay<Limits extends object>(where: string, defaults: Limits, options: object): Limits {
  const limits = { ...defaults } as Record<string, unknown>;
  for (const [name, option] of Object.entries(options)) {
    const path = `${where}.${name}`;
    const standard = Object.hasOwn(defaults, name) ? limits[name] : undefined;
    if (standard === undefined) throw new RangeError(`there is no limit ${path}`);
    if (option !== undefined) limits[name] = parse(path, standard, option);
  }
  return limits as Limits;
}

function parse(path: string, standard: unknown, option: unknown): unknown {
  if (typeof standard === "number") return toCount(option as number, path);
  if (isRate(standard)) return toRate(option as RateOption, path);
  return overlay(path, standard as object, option as object);
}

function isRate(standard: unknown): standard is Rate {
  return Object.hasOwn(standard as object, "perSecond");
}
