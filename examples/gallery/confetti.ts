const PIECES = 80;
const COLORS = ["#d93a00", "#ff8b3d", "#ffd5c6", "#f2c94c", "#27ae60", "#2f80ed", "#9b51e0"];
const LONGEST_MS = 4_500;

/** Lets confetti fall over a box, unless the visitor asked for less motion. */
export function throwConfetti(box: HTMLElement): void {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const pieces = Array.from({ length: PIECES }, (_, index) => {
    const piece = document.createElement("i");
    piece.style.left = `${Math.random() * 100}%`;
    piece.style.background = COLORS[index % COLORS.length] ?? "";
    piece.style.setProperty("--seconds", `${1.6 + Math.random() * 1.6}s`);
    piece.style.setProperty("--delay", `${Math.random() * 0.8}s`);
    piece.style.setProperty("--drift", `${Math.random() * 120 - 60}px`);
    piece.style.setProperty("--turn", `${Math.random() * 1_440 - 720}deg`);
    return piece;
  });
  box.append(...pieces);
  setTimeout(() => {
    for (const piece of pieces) piece.remove();
  }, LONGEST_MS);
}
