/** Adds a line to the page, for a person to read. */
export function showLine(text: string): void {
  const line = document.createElement("p");
  line.textContent = text;
  document.body.append(line);
}

/** A button of the page; it does this each time it is pressed. */
export function addButton(name: string, press: () => Promise<void>): void {
  const button = document.createElement("button");
  button.textContent = name;
  button.addEventListener("click", () => void press());
  document.body.append(button);
}
