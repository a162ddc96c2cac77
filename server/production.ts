/** Whether this process serves strangers, as its environment says. */
export function isProduction(): boolean {
  return process.env["NODE_ENV"] === "production";
}
