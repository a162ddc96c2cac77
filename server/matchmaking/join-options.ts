import type { StandardSchemaV1 } from "@standard-schema/spec";
import { SyncError } from "../../shared/errors.ts";
import { validatePayload } from "../rooms/validate-payload.ts";

type Options = Record<string, unknown>;

/** A room class that says which join options it takes. */
export interface OptionsSchemaOwner {
  readonly joinOptions?: StandardSchemaV1<unknown, Options>;
}

/**
 * What a client may say of the room that it wants, as the room's class declares it: with most
 * schemas nothing else gets through. Throws `options-invalid` that says where and why.
 */
export async function validateOptions(
  roomClass: OptionsSchemaOwner | undefined,
  options: Options,
): Promise<Options> {
  if (roomClass?.joinOptions === undefined) return options;
  try {
    return await validatePayload(roomClass.joinOptions, "join", options);
  } catch (cause) {
    if (!(cause instanceof SyncError)) throw cause;
    throw new SyncError("options-invalid", cause.message.replace("payload of", "options of"), {
      cause,
    });
  }
}
