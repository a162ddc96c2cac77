import type { Page } from "playwright-core";

/** Texts on the page whose contrast with what is behind them is below 4.5, as sentences. */
export function lowContrastTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    if (!context) return ["this browser has no canvas to read colors with"];

    /** Backgrounds may let others show through, so they are laid one over the other. */
    const flatten = (colors: string[]): number[] => {
      context.fillStyle = "#ffffff";
      context.fillRect(0, 0, 1, 1);
      for (const color of colors) {
        context.fillStyle = color;
        context.fillRect(0, 0, 1, 1);
      }
      return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const luminance = (rgb: number[]): number => {
      const [red = 0, green = 0, blue = 0] = rgb.map((byte) => {
        const value = byte / 255;
        return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const backgroundsOf = (element: Element): string[] => {
      const colors: string[] = [];
      for (let at: Element | null = element; at; at = at.parentElement) {
        colors.unshift(getComputedStyle(at).backgroundColor);
      }
      return colors;
    };

    const problems: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const element = node.parentElement;
      const text = node.textContent?.trim() ?? "";
      if (!element?.checkVisibility() || text === "" || element.closest("script")) continue;
      const backgrounds = backgroundsOf(element);
      const behind = luminance(flatten(backgrounds));
      const front = luminance(flatten([...backgrounds, getComputedStyle(element).color]));
      const contrast = (Math.max(behind, front) + 0.05) / (Math.min(behind, front) + 0.05);
      if (contrast < 4.5) problems.push(`"${text}" has a contrast of ${contrast.toFixed(2)}`);
    }
    return problems;
  });
}
