const A_MINUTE = 60_000;

/** Gives what was fetched to the browser, which keeps it as a file of this name. */
export function saveAs(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // A browser that asks where to keep it reads it only then.
  setTimeout(() => URL.revokeObjectURL(link.href), A_MINUTE);
}
