import { MemoryDialer } from "../support/memory-dialer.ts";
import { testTransport } from "./transport-conformance.ts";

describe("over streams in memory", () => {
  testTransport({ name: "memory", dialer: (server) => new MemoryDialer(server) });
});
