/** Prints a line where somebody sees it: in the page, or on the terminal of a process. */
export function show(title: string, value: unknown): void {
  const line = `${title} ${JSON.stringify(value)}`;
  const { document, process } = globalThis as Partial<
    Pick<typeof globalThis, "document" | "process">
  >;
  if (document === undefined) {
    process?.stdout.write(`${line}\n`);
    return;
  }
  const item = document.createElement("p");
  item.textContent = line;
  document.body.append(item);
}
