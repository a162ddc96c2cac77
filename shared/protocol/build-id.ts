/** Fits a subprotocol, which takes no spaces, commas or slashes. */
const BUILD_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** Whether this can name a build of pages; see `Hello.build`. */
export function isBuildId(value: unknown): value is string {
  return typeof value === "string" && BUILD_ID.test(value);
}
