import { type ReactNode, StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";

/**
 * Shows a component on a page of `usePagePrograms`, as an application's main file would: in
 * StrictMode, which in React's development build mounts every component twice.
 */
export function mountPage(element: ReactNode, { strict = true } = {}): Root {
  const place = document.querySelector("#root");
  if (place === null) throw new Error("the page has no #root");
  const root = createRoot(place);
  root.render(strict ? <StrictMode>{element}</StrictMode> : element);
  return root;
}
