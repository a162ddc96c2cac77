import assert from "node:assert/strict";
import type { VerifiedUser } from "../../server/auth/authenticator.ts";
import { TOKEN_GRACE_MS } from "../../shared/limits.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";
import { publish, recoveries, TOPIC } from "./transport-steps.ts";
import type { TransportWorld } from "./transport-world.ts";

type Open = (options?: Parameters<typeof TransportWorld.open>[1]) => Promise<TransportWorld>;

/** What becomes of a client whose server, or whose token, comes to an end. */
export function testEndings(open: Open): void {
  const folder = useTemporaryFolder();

  describe("when the server restarts", () => {
    const channels = [
      { pattern: "kept/*", publish: { message: { persist: true } } },
      { pattern: "**", publish: true },
    ] as const;

    it("goes on in the epoch of a topic that is stored, and misses nothing", async () => {
      await using world = await open({ channels, store: `sqlite:${folder()}/kept.db` });
      const [ada, bob] = [await world.listener("kept/a"), await world.listener("kept/a")];
      await world.done(ada.heard.channel.publish("message", 1));
      await world.until(() => bob.heard.data().length === 1);
      bob.network.goDown();
      await world.done(ada.heard.channel.publish("message", 2));
      await world.stop();
      const waiting = ada.heard.channel.publish("message", 3);
      await world.start();
      ada.network.wake();
      assert.equal((await world.done(waiting)).offset, 3);
      bob.network.comeBack();
      bob.network.wake();
      await world.until(() => bob.heard.data().length === 3);
      for (const { heard } of [ada, bob]) assert.deepEqual(heard.data(), [1, 2, 3]);
      assert.deepEqual(recoveries(bob), [{ topic: "kept/a", recovered: true, replayed: 2 }]);
      const history = await world.done(bob.heard.channel.getHistory());
      assert.deepEqual(
        history.map(({ data }) => data),
        [3, 2, 1],
      );
    });

    it("begins a new epoch of a topic that is not, and says so", async () => {
      await using world = await open({ channels, store: `sqlite:${folder()}/gone.db` });
      const [ada, bob] = [await world.listener(TOPIC), await world.listener(TOPIC)];
      await world.done(ada.heard.channel.track({ status: "here" }));
      await world.done(ada.heard.channel.publish("message", "before"));
      await world.until(() => bob.heard.data().length === 1);
      await world.stop();
      await world.start();
      // As far as before, and further: an offset alone does not tell that it is another epoch.
      await publish(world, "unheard", "unheard");
      for (const { network } of [ada, bob]) network.wake();
      await world.until(() => [ada, bob].every(({ heard }) => heard.of("resync").length === 1));
      await world.done(ada.heard.channel.publish("message", "after"));
      await world.until(() => bob.heard.data().length === 2);
      assert.deepEqual(bob.heard.offsets, [1, 3]);
      assert.deepEqual(recoveries(bob), [{ topic: TOPIC, recovered: false, replayed: 0 }]);
      await world.until(() => bob.heard.channel.presenceState().size === 1);
    });
  });

  describe("when tokens expire", () => {
    // A token of these tests is its user's identity, as it stands.
    const auth = { verify: (token: string) => JSON.parse(token) as VerifiedUser };
    const tokenFor = (world: TransportWorld, name: string, livesMs: number): string =>
      JSON.stringify({ id: name, name, expiresAt: world.clock.now() + livesMs });

    it("stays connected with the newer token that it shows", async () => {
      await using world = await open({ auth });
      const ada = await world.listener(TOPIC, { token: tokenFor(world, "ada", 20_000) });
      await world.pass(15_000);
      ada.realtime.setToken(tokenFor(world, "ada", 60_000));
      await world.pass(20_000);
      assert.deepEqual(ada.statuses, ["connecting", "connected"]);
    });

    it("is cut off after the grace, and rejoins with the newest token", async () => {
      await using world = await open({ auth });
      const ada = await world.listener(TOPIC, { token: tokenFor(world, "ada", 20_000) });
      ada.network.goDown();
      ada.realtime.setToken(tokenFor(world, "ada", 60_000));
      await publish(world, 1);
      await world.pass(25_000);
      ada.network.comeBack();
      ada.network.wake();
      await world.until(() => ada.heard.data().length === 1);
      await world.pass(20_000);
      assert.equal(ada.realtime.status, "connected");
    });

    it("stops, and says why, when there is no newer one", async () => {
      await using world = await open({ auth });
      const ada = await world.listener(TOPIC, { token: tokenFor(world, "ada", 20_000) });
      await world.pass(20_000);
      assert.equal(ada.realtime.status, "connected");
      await world.pass(TOKEN_GRACE_MS);
      await world.until(() => ada.realtime.status !== "connected");
      await world.passUntil(() => ada.realtime.status === "disconnected");
      assert.deepEqual(ada.heard.statuses.at(-1), ["CHANNEL_ERROR", "auth-failed"]);
      const links = ada.network.links.length;
      await world.pass(60_000);
      assert.equal(ada.network.links.length, links);
    });
  });
}
