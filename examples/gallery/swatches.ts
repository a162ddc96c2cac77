import { isLightText } from "./contrast.ts";

export interface Swatch {
  name: string;
  hex: string;
}

/**
 * A row of colours to choose one from, as radio buttons: arrow keys work by themselves. The
 * chosen one has a ✓, black or white, whichever can be read on it.
 */
export class Swatches {
  readonly #onChoose: (index: number) => void;
  readonly #inputs: HTMLInputElement[];

  constructor(
    fieldset: HTMLElement,
    swatches: readonly Swatch[],
    onChoose: (index: number) => void,
  ) {
    this.#onChoose = onChoose;
    fieldset.style.setProperty("--columns", String(swatches.length));
    this.#inputs = swatches.map((swatch, index) => {
      const { label, input } = createSwatch(swatch);
      input.addEventListener("change", () => this.#onChoose(index));
      fieldset.append(label);
      return input;
    });
  }

  choose(index: number): void {
    const input = this.#inputs[index];
    if (!input) return;
    input.checked = true;
    this.#onChoose(index);
  }
}

function createSwatch({ name, hex }: Swatch): { label: HTMLElement; input: HTMLInputElement } {
  const label = document.createElement("label");
  label.className = "swatch";
  label.title = name;
  label.style.setProperty("--color", hex);
  label.style.setProperty("--check", isLightText(hex) ? "#ffffff" : "#000000");
  const input = document.createElement("input");
  input.type = "radio";
  input.name = "color";
  input.setAttribute("aria-label", name);
  label.append(input);
  return { label, input };
}
