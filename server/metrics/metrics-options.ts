import { SyncError } from "../../shared/errors.ts";
import { ApiKeys } from "../http/api-keys.ts";
import { isProduction } from "../production.ts";

/** Who may read `/metrics`: whoever has one of the keys, or everybody who reaches the port. */
export type MetricsOptions = { readonly keys: readonly string[] } | "open";

/**
 * The keys that open `/metrics`; none: it is open. Throws `options-invalid` where that would
 * open it in production.
 */
export function toMetricsKeys(options: MetricsOptions): ApiKeys {
  if (options !== "open") {
    const keys = new ApiKeys(options.keys);
    if (!keys.isEmpty) return keys;
    throw new SyncError("options-invalid", "metrics have no key that opens them");
  }
  if (!isProduction()) return new ApiKeys();
  throw new SyncError("options-invalid", "metrics are not opened to everybody in production");
}
