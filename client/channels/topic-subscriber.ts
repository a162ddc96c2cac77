import type { SyncError } from "../../shared/errors.ts";
import type { RealtimePayload } from "../../shared/events/publication.ts";
import type { DisconnectReason } from "../connection/connection-status.ts";

/** Who follows one topic over the session's subscription to it. */
export interface TopicSubscriber {
  /** Everything of the channel flows from here on; again after every reconnect. */
  handleLive(): void;
  /** The connection is lost: nothing flows until `handleLive`, or one of the last calls. */
  handleLoss(reason: DisconnectReason): void;
  /** Somebody published. */
  handlePublication(payload: RealtimePayload): void;
  /** Anything else: presence, recovery, a revised message. */
  handleNotice(payload: RealtimePayload): void;
  /** The server refused the subscription, or took it away. The last call there is. */
  handleRefusal(error: SyncError): void;
  /** The session is over. The last call there is. */
  handleClose(): void;
  /** Something went wrong on the way that nobody waits for. */
  handleError(error: SyncError): void;
}
