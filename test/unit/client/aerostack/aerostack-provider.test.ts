import assert from "node:assert/strict";
import { createElement, type ReactNode } from "react";
import { renderToString } from "react-dom/server";
import {
  AerostackProvider,
  useAerostack,
  useAuth,
} from "../../../../client/aerostack/aerostack-provider.ts";

describe("AerostackProvider, rendered on a server", () => {
  it("is its fallback: there is nobody whose connection it could be", () => {
    const page = (): ReactNode => assert.fail("it is for browsers");
    const fallback = createElement("p", {}, "One moment");
    const provider = createElement(AerostackProvider, { fallback }, createElement(page));
    assert.equal(renderToString(provider), "<p>One moment</p>");
  });
});

describe("useAerostack and useAuth", () => {
  it("say what is missing where there is no provider", () => {
    for (const hook of [useAerostack, useAuth]) {
      const component = (): ReactNode => {
        hook();
        return null;
      };
      assert.throws(() => renderToString(createElement(component)), {
        name: "TypeError",
        message: "useAerostack() and useAuth() need an <AerostackProvider> around them",
      });
    }
  });
});
