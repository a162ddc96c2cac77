import type { Page } from "playwright-core";

/** The color of one pixel of the page as it is on the screen, as `#rrggbb`. */
export async function screenColor(page: Page, x: number, y: number): Promise<string> {
  const clip = { x: Math.floor(x), y: Math.floor(y), width: 1, height: 1 };
  const picture = await page.screenshot({ clip });
  // The page reads the picture of itself, because Node cannot read PNG.
  return page.evaluate(
    async (source) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const context = document.createElement("canvas").getContext("2d");
      context?.drawImage(image, 0, 0);
      const bytes = context?.getImageData(0, 0, 1, 1).data ?? [];
      return `#${[...bytes]
        .slice(0, 3)
        .map((byte) => byte.toString(16).padStart(2, "0"))
        .join("")}`;
    },
    `data:image/png;base64,${picture.toString("base64")}`,
  );
}
