/** Hands a file to the visitor, under this name. */
export function saveFile(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The download has been started from the address by now, or soon is.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
