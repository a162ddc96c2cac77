import type { ConnectOptions } from "../../../client/connect.ts";
import type { WakeSignals } from "../../../client/connection/wake-signals.ts";
import { Emitter } from "../../../shared/emitter.ts";
import { CloseCode } from "../../../shared/protocol/close-codes.ts";
import { FaultyLink, type BreakableSocket } from "./faulty-link.ts";

/** How connections are really made, where nothing is broken. */
export interface Dialer {
  readonly fetch: typeof fetch;
  readonly webSocket: (url: string, protocols: string[]) => BreakableSocket;
}

/** Everything between one client and the server, for `connect(url, network.options)`. */
export class FaultyNetwork {
  /** Every connection that was tried, the latest last. */
  readonly links: FaultyLink[] = [];
  /** Called with each new connection before anything passes; a test sets traps in it. */
  onLink: (link: FaultyLink) => void = () => undefined;
  readonly #dialer: Dialer;
  readonly #wakes = new Emitter<[]>();
  #refusals = 0;
  #isDown = false;

  constructor(dialer: Dialer) {
    this.#dialer = dialer;
  }

  get options(): Required<Pick<ConnectOptions, "fetch" | "webSocket" | "wakeSignals">> {
    const wakeSignals: WakeSignals = { onWake: (wake) => this.#wakes.on(wake) };
    return { fetch: this.#fetch, webSocket: (...target) => this.#open(...target), wakeSignals };
  }

  /** The connection of now. */
  get link(): FaultyLink {
    const link = this.links.at(-1);
    if (link === undefined) throw new Error("nothing was connected yet");
    return link;
  }

  cut(): void {
    this.link.cut();
  }

  /** The next connections, so many of them, are refused. */
  refuse(times: number): void {
    this.#refusals = times;
  }

  /** Nothing gets through until `comeBack`. */
  goDown(): void {
    this.#isDown = true;
    this.cut();
  }

  comeBack(): void {
    this.#isDown = false;
  }

  /** The platform hints that a connection may be possible: no attempt waits any longer. */
  wake(): void {
    this.#wakes.emit();
  }

  close(): void {
    this.#isDown = true;
    for (const link of this.links) link.destroy();
  }

  #open(url: string, protocols: string[]): FaultyLink {
    const isRefused = this.#isDown || this.#refusals > 0;
    if (isRefused) this.#refusals -= 1;
    const socket = isRefused ? new RefusedSocket() : this.#dialer.webSocket(url, protocols);
    const link = new FaultyLink(socket);
    this.links.push(link);
    this.onLink(link);
    return link;
  }

  readonly #fetch: typeof fetch = async (input, init) => {
    // As the platform's own says it.
    if (this.#isDown) throw new TypeError("fetch failed");
    return await this.#dialer.fetch(input, init);
  };
}

/** A socket that does not come to be. */
class RefusedSocket implements BreakableSocket {
  binaryType = "arraybuffer";
  readyState = 0;

  addEventListener(type: string, listener: (event: never) => void): void {
    if (type !== "close") return;
    queueMicrotask(() => {
      this.readyState = 3;
      listener({ code: CloseCode.ABNORMAL, reason: "" } as never);
    });
  }

  send(): void {
    throw new Error("sent on a socket that never opened");
  }

  close(): void {
    // It never was open.
  }

  pause(): void {
    // Nothing comes.
  }

  terminate(): void {
    // Nothing is there.
  }
}
