export { FakeClock } from "../../server/testing/fake-clock.ts";
