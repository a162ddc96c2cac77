import { SyncError } from "../../shared/errors.ts";
import { ApiKeys } from "../http/api-keys.ts";

/** Who may use the admin API: `auth`'s moderators, and whoever has a key. */
export interface AdminOptions {
  /** Each at least 16 characters long, and random. */
  readonly keys?: readonly string[];
  /** Whether users whose role is `moderator` may; default: yes, where there is an `auth`. */
  readonly moderators?: boolean;
}

export interface AdminAccessRules {
  readonly keys: ApiKeys;
  readonly admitsModerators: boolean;
}

/** Throws `options-invalid` for an admin API that nobody could use. */
export function toAdminRules(options: AdminOptions, hasAuth: boolean): AdminAccessRules {
  const keys = new ApiKeys(options.keys);
  const { moderators = hasAuth } = options;
  // The server would have to take a guest's word for it.
  if (moderators && !hasAuth) {
    throw new SyncError("options-invalid", "admin lets moderators in, and no auth says who is one");
  }
  if (keys.isEmpty && !moderators) {
    throw new SyncError("options-invalid", "admin has neither keys nor moderators");
  }
  return { keys, admitsModerators: moderators };
}
