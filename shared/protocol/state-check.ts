import type { StateChecksum } from "../state/state-checksum.ts";
import type { ScopeLimits } from "../state/state-scope.ts";

/**
 * Request type that asks for the checksum of what the client may see of the state. The reply
 * leaves right behind the patch of the tick that it names, so that a client which compares
 * as soon as it arrives compares the same moment.
 */
export const CHECKSUM_TYPE = "atrium:checksum";

/** Request type that asks for one full state in place of a patch. The reply follows it. */
export const RESYNC_TYPE = "atrium:resync";

export interface ChecksumReply extends StateChecksum, ScopeLimits {
  readonly tick: number;
}
