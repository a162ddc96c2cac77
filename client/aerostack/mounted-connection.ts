import { reportListenerError } from "../../shared/emitter.ts";
import { SyncError } from "../../shared/errors.ts";
import type { AerostackRealtime } from "./aerostack-realtime.ts";

/** The connection of one provider: opened when that is mounted. */
export class MountedConnection {
  readonly #realtime: AerostackRealtime;
  readonly #isOwn: boolean;
  #mounts = 0;
  #isRefused = false;

  /** `isOwn`: nobody else has it, so that it ends with its provider. */
  constructor(realtime: AerostackRealtime, isOwn: boolean) {
    this.#realtime = realtime;
    this.#isOwn = isOwn;
  }

  mount(): () => void {
    this.#mounts += 1;
    this.#open();
    return () => {
      this.#mounts -= 1;
      // Behind the code that is running: StrictMode mounts again at once, and components that
      // go away with the provider have something to say before the end.
      queueMicrotask(() => {
        if (this.#isOwn && this.#mounts === 0) this.#realtime.disconnect();
      });
    };
  }

  setToken(token: string): void {
    this.#realtime.setToken(token);
    // Whoever was not let in before may be now. What was disconnected on purpose stays so.
    if (this.#isRefused) this.#open();
  }

  #open(): void {
    this.#isRefused = false;
    this.#realtime.connect().catch((error: unknown) => {
      if (error instanceof SyncError && error.code === "closed") return;
      this.#isRefused = true;
      reportListenerError(error);
    });
  }
}
