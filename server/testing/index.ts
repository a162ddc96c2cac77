export { createTestServer, TestServer } from "./create-test-server.ts";
export { FakeClock } from "./fake-clock.ts";
export { MessageRecord, type RecordedMessage } from "./recorded-message.ts";
