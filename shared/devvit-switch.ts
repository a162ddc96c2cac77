import { SyncError } from "./errors.ts";

/** What an app says it uses. Only `realtime` is ours; the other names are taken as they come. */
export interface DevvitConfig {
  readonly realtime?: boolean;
  readonly [capability: string]: unknown;
}

/** `Devvit.configure`: a capability is there unless an app says that it is not. */
export class DevvitSwitch {
  #hasRealtime = true;

  readonly configure = ({ realtime }: DevvitConfig): void => {
    if (realtime !== undefined) this.#hasRealtime = realtime;
  };

  /** Throws `not-allowed` once the app was configured without realtime. */
  requireRealtime(): void {
    if (this.#hasRealtime) return;
    throw new SyncError("not-allowed", "realtime is switched off by Devvit.configure");
  }
}
