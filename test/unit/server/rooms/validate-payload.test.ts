import assert from "node:assert/strict";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { z } from "zod";
import { validatePayload } from "../../../../server/rooms/validate-payload.ts";

/** A Standard Schema written by hand, with whatever `validate` a test needs. */
function schemaOf<Output>(
  validate: (
    value: unknown,
  ) => StandardSchemaV1.Result<Output> | Promise<StandardSchemaV1.Result<Output>>,
): StandardSchemaV1<unknown, Output> {
  return { "~standard": { version: 1, vendor: "atrium-tests", validate } };
}

const Pixel: StandardSchemaV1<unknown, { x: number; y: number }> = z.object({
  x: z.int().min(0),
  y: z.int().min(0).default(7),
});

describe("validatePayload", () => {
  it("returns what a zod schema made of the payload", () => {
    assert.deepEqual(validatePayload(Pixel, "place", { x: 1, extra: true }), { x: 1, y: 7 });
  });

  it("returns what a schema written by hand made of the payload", () => {
    const doubled = schemaOf((value) => ({ value: Number(value) * 2 }));
    assert.equal(validatePayload(doubled, "double", 21), 42);
  });

  it("throws payload-invalid that names the message, the path and the reason", () => {
    const expected = { code: "payload-invalid", message: /^payload of "place": x: .*expected/ };
    assert.throws(() => validatePayload(Pixel, "place", { x: -1 }), {
      ...expected,
      message: /x: Too small/,
    });
    assert.throws(() => validatePayload(Pixel, "place", { x: 1.5 }), expected);
    assert.throws(() => validatePayload(Pixel, "place", { x: Number.NaN }), expected);
    assert.throws(() => validatePayload(Pixel, "place", undefined), {
      code: "payload-invalid",
      message: /^payload of "place": Invalid input/,
    });
  });

  it("passes on the first three complaints", () => {
    const complaining = schemaOf<never>(() => ({
      issues: ["one", "two", "three", "four"].map((message) => ({ message })),
    }));
    assert.throws(() => validatePayload(complaining, "say", 1), {
      message: 'payload of "say": one; two; three',
    });
  });

  it("writes a path of keys and of path segments with dots", () => {
    const complaining = schemaOf<never>(() => ({
      issues: [{ message: "is odd", path: ["rows", 3, { key: "width" }] }],
    }));
    assert.throws(() => validatePayload(complaining, "say", 1), {
      message: 'payload of "say": rows.3.width: is odd',
    });
  });

  it("resolves with the value of a schema that checks asynchronously", async () => {
    const asynchronous = schemaOf((value) => Promise.resolve({ value: `${String(value)}!` }));
    assert.equal(await validatePayload(asynchronous, "say", "hi"), "hi!");
  });

  it("rejects with payload-invalid when an asynchronous schema complains", async () => {
    const asynchronous = schemaOf<never>(() => Promise.resolve({ issues: [{ message: "taken" }] }));
    await assert.rejects(async () => validatePayload(asynchronous, "say", "hi"), {
      code: "payload-invalid",
      message: 'payload of "say": taken',
    });
  });
});
