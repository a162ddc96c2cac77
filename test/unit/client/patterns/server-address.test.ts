import assert from "node:assert/strict";
import { checkTransport, serverAddress } from "../../../../client/patterns/server-address.ts";
import { refusalOf } from "../../../support/refusal-of.ts";

const page = { location: { origin: "https://example.com" } };

describe("serverAddress", () => {
  it("is WEBSOCKET_URL where a process has one, also in a page", () => {
    const process = { env: { WEBSOCKET_URL: "ws://elsewhere:1" } };
    assert.equal(serverAddress({ process }), "ws://elsewhere:1");
    assert.equal(serverAddress({ process, ...page }), "ws://elsewhere:1");
  });

  it("is the page's origin in a page", () => {
    assert.equal(serverAddress(page), "https://example.com");
    assert.equal(serverAddress({ process: {}, ...page }), "https://example.com");
    assert.equal(serverAddress({ process: { env: {} }, ...page }), "https://example.com");
  });

  it("is port 3030 of this machine where nobody says anything", () => {
    assert.equal(serverAddress({}), "ws://localhost:3030");
    assert.equal(serverAddress({ process: { env: { WEBSOCKET_URL: "" } } }), "ws://localhost:3030");
  });
});

describe("checkTransport", () => {
  it("takes websocket, said here, in the environment or nowhere", () => {
    const process = { env: { REALTIME_TRANSPORT: "websocket" } };
    checkTransport("websocket", {});
    checkTransport(undefined, { process });
    checkTransport(undefined, {});
    checkTransport("websocket", { process: { env: { REALTIME_TRANSPORT: "nats" } } });
  });

  it("refuses any other, and says of a planned one that it is to come", async () => {
    const process = { env: { REALTIME_TRANSPORT: "nats" } };
    const planned = await refusalOf(() => checkTransport(undefined, { process }));
    assert.deepEqual(
      [planned.code, planned.message],
      ["options-invalid", `transport "nats" is not built yet: there is "websocket"`],
    );
    const unknown = await refusalOf(() => checkTransport("carrier-pigeon", {}));
    assert.match(unknown.message, /no transport "carrier-pigeon"/);
  });
});
