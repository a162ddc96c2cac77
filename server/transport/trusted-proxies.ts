import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import type { TLSSocket } from "node:tls";
import { parseAddress } from "./peer-address.ts";

/** Where a request comes from, as far as it can be believed. */
export interface Origination {
  /** The client's own address; undefined when its connection is gone already. */
  readonly address: string | undefined;
  /** What the client asked for; undefined when it did not say. */
  readonly host: string | undefined;
  /** Whether the client's own connection is encrypted; undefined: not known. */
  readonly isSecure: boolean | undefined;
  /** The request's headers without what a client may say about itself. */
  readonly headers: Record<string, string | undefined>;
}

/** Headers in which proxies, and liars, say where a request came from. */
const FORWARDING =
  /^(?:forwarded|x-forwarded-.*|x-real-ip|(?:true|x|x-cluster|cf)-(?:client|connecting)-ip)$/;

/**
 * Proxies whose word counts. What anybody else says about where a request came from is
 * dropped: by default, what everybody says.
 */
export class TrustedProxies {
  readonly #proxies = new BlockList();
  #onUnknown: ((peer: string) => void) | undefined;

  /**
   * Addresses and CIDR ranges; throws `TypeError` for what is neither. Calls `onUnknown` once,
   * with the first peer that forwards and is none of them: an attacker, or a proxy that was
   * forgotten here, behind which everybody looks like one.
   */
  constructor(proxies: readonly string[] = [], onUnknown?: (peer: string) => void) {
    for (const each of proxies) this.#add(each);
    this.#onUnknown = onUnknown;
  }

  /**
   * Reads a request. Of the addresses in `X-Forwarded-For` the client's is the rightmost that
   * is not a trusted proxy's: what stands to the left of it the client may have made up.
   */
  read({ headers, socket }: IncomingMessage): Origination {
    const peer = parseAddress(socket.remoteAddress ?? "");
    const own = ownHeaders(headers);
    const isEncrypted = (socket as Partial<TLSSocket>).encrypted === true;
    if (peer === undefined || !this.#has(peer)) {
      const isSecure = isEncrypted ? true : undefined;
      if (headers["x-forwarded-for"] !== undefined) this.#report(peer ?? "");
      return { address: peer, host: headers.host, isSecure, headers: own };
    }
    const address = this.#clientBehind(peer, textOf(headers["x-forwarded-for"]));
    const protocol = firstOf(headers["x-forwarded-proto"]);
    return {
      address,
      host: firstOf(headers["x-forwarded-host"]) ?? headers.host,
      isSecure: protocol === undefined ? undefined : /^(?:https|wss)$/i.test(protocol),
      headers: own,
    };
  }

  /** Whether the connection itself is a trusted proxy's, which speaks for many. */
  isProxy(address: string | undefined): boolean {
    const peer = parseAddress(address ?? "");
    return peer !== undefined && this.#has(peer);
  }

  #report(peer: string): void {
    this.#onUnknown?.(peer);
    this.#onUnknown = undefined;
  }

  #clientBehind(peer: string, forwardedFor: string): string {
    let address = peer;
    for (const hop of forwardedFor.split(",").toReversed()) {
      const next = parseAddress(hop);
      // What a proxy of ours wrote is an address; anything else nobody of ours wrote.
      if (next === undefined) return address;
      address = next;
      if (!this.#has(address)) return address;
    }
    return address;
  }

  #has(address: string): boolean {
    return this.#proxies.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  }

  #add(text: string): void {
    const [net = "", bits] = text.split("/");
    const address = parseAddress(net);
    const max = address !== undefined && isIP(address) === 6 ? 128 : 32;
    const prefix = bits === undefined ? max : /^\d{1,3}$/.test(bits) ? Number(bits) : Infinity;
    if (address === undefined || prefix > max) {
      throw new TypeError(`trustedProxies: "${text}" is neither an address nor a range of them`);
    }
    this.#proxies.addSubnet(address, prefix, max === 128 ? "ipv6" : "ipv4");
  }
}

function ownHeaders(headers: IncomingHttpHeaders): Record<string, string | undefined> {
  const own = Object.entries(headers).filter(([name]) => !FORWARDING.test(name));
  return Object.fromEntries(own) as Record<string, string | undefined>;
}

function textOf(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(",") : (header ?? "");
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return textOf(header).split(",", 1)[0]!.trim() || undefined;
}
