/** How often a random test tries: `usual` times, or `long` times with `ATRIUM_LONG=1`. */
export function runCount(usual: number, long: number): number {
  return process.env["ATRIUM_LONG"] === "1" ? long : usual;
}
