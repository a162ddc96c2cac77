import assert from "node:assert/strict";
import { publicationId } from "../../../../server/channels/publication-id.ts";

const actorOf = (id: string): { user: { id: string; name: string } } => ({
  user: { id, name: "Somebody" },
});

describe("publicationId", () => {
  it("is the same for the same key of the same user, and another for any other", () => {
    const id = publicationId(actorOf("ada"), "key-1");
    assert.equal(publicationId(actorOf("ada"), "key-1"), id);
    assert.notEqual(publicationId(actorOf("ada"), "key-2"), id);
    assert.notEqual(publicationId(actorOf("bob"), "key-1"), id);
    assert.match(id, /^[\w-]{22}$/);
  });

  it("does not mix up where a user id ends and a key begins", () => {
    assert.notEqual(publicationId(actorOf("a"), "b\nc"), publicationId(actorOf("a\nb"), "c"));
    assert.notEqual(publicationId(actorOf("a"), 'b","c'), publicationId(actorOf('a","b'), "c"));
  });

  it("is the server's own key where the server publishes", () => {
    assert.equal(publicationId("server", "order-42"), "order-42");
  });

  it("is a new one each time without a key", () => {
    assert.notEqual(publicationId("server", undefined), publicationId("server", undefined));
    const ada = actorOf("ada");
    assert.notEqual(publicationId(ada, undefined), publicationId(ada, undefined));
  });
});
