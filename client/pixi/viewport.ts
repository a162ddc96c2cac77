import type { Unsubscribe } from "../../shared/emitter.ts";

/** Size of an element in CSS pixels, and how many pixels of the screen each of them is. */
export interface Viewport {
  width: number;
  height: number;
  pixelRatio: number;
}

/**
 * Calls the listener with the element's size now and whenever it changes, and when the
 * window moves to a screen with another pixel ratio.
 */
export function observeViewport(
  element: HTMLElement,
  listener: (viewport: Viewport) => void,
): Unsubscribe {
  const report = (): void => {
    const { clientWidth: width, clientHeight: height } = element;
    if (width > 0 && height > 0) listener({ width, height, pixelRatio: devicePixelRatio });
  };
  const resizes = new ResizeObserver(report);
  resizes.observe(element);

  // A query matches one ratio only, so that each change needs the next query.
  let query: MediaQueryList | undefined;
  const handleRatio = (): void => {
    query?.removeEventListener("change", handleRatio);
    query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    query.addEventListener("change", handleRatio);
    report();
  };
  handleRatio();

  return () => {
    resizes.disconnect();
    query?.removeEventListener("change", handleRatio);
  };
}
