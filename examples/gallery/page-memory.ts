/**
 * What a page finds again when its tab has reloaded it, such as the chosen colour. A visit
 * by a link or an address begins afresh.
 */
export class PageMemory {
  readonly #key = `atrium-page:${location.pathname}${location.search}`;

  /** Asks for what is to be kept when the page goes. */
  keepAtTheEnd(tell: () => object): void {
    addEventListener("pagehide", () => {
      try {
        sessionStorage.setItem(this.#key, JSON.stringify(tell()));
      } catch {
        // Storage is closed to this page: it will begin afresh.
      }
    });
  }

  /** Nothing when this page was not reloaded. Whoever reads it checks it. */
  recall(): Readonly<Record<string, unknown>> {
    const [navigation] = performance.getEntriesByType("navigation");
    if ((navigation as PerformanceNavigationTiming | undefined)?.type !== "reload") return {};
    try {
      const kept: unknown = JSON.parse(sessionStorage.getItem(this.#key) ?? "{}");
      return typeof kept === "object" && kept !== null ? { ...kept } : {};
    } catch {
      return {};
    }
  }
}
