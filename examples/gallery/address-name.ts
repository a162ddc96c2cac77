import { SyncError } from "../../shared/errors.ts";

const ADDRESS_NAME = /^[a-z0-9-]{1,32}$/;
/** A hostile name is not repeated at length. */
const MAX_QUOTED_LENGTH = 40;

/** The name that a page's address gives a board or a post; throws what the visitor is told. */
export function checkAddressName(what: string, name: unknown): string {
  if (typeof name === "string" && ADDRESS_NAME.test(name)) return name;
  const quoted = String(name).slice(0, MAX_QUOTED_LENGTH);
  const text = `${what} name "${quoted}" is not made of 1 to 32 small letters, digits and dashes`;
  throw new SyncError("options-invalid", text);
}
