/** Whether white can be read better than black on this `#rrggbb`, as WCAG counts contrast. */
export function isLightText(hex: string): boolean {
  const luminance = luminanceOf(hex);
  return 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05;
}

function luminanceOf(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
