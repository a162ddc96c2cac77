import { pinoLogger, type LogLevel, type ServerOptions } from "../server/index.ts";
import type { rooms } from "./rooms.ts";

type Configured = Pick<
  ServerOptions<typeof rooms>,
  "logger" | "metrics" | "admin" | "allowedOrigins" | "trustedProxies"
>;

/** What the environment says of a server; docs/operating.md lists the variables. */
export function readEnvironment(environment: NodeJS.ProcessEnv = process.env): Configured {
  const list = (name: string): string[] =>
    (environment[name] ?? "")
      .split(",")
      .map((each) => each.trim())
      .filter((each) => each !== "");
  const metricsKeys = list("METRICS_KEYS");
  const adminKeys = list("ADMIN_KEYS");
  return {
    logger: pinoLogger({ level: (environment["LOG_LEVEL"] || "info") as LogLevel }),
    allowedOrigins: list("ALLOWED_ORIGINS"),
    trustedProxies: list("TRUSTED_PROXIES"),
    ...(metricsKeys.length === 0 ? {} : { metrics: { keys: metricsKeys } }),
    ...(adminKeys.length === 0 ? {} : { admin: { keys: adminKeys } }),
  };
}
