/** What is chosen to be deleted or marked, while it may go on another device. Pure. */

/** Those of the chosen that are there; undefined, so that the choosing ends, where nothing is left to choose from. */
export function stillChosen(
  there: readonly { id: string }[],
  chosen: ReadonlySet<string> | undefined,
): ReadonlySet<string> | undefined {
  if (!chosen || there.length === 0) return undefined;
  return new Set(there.map(({ id }) => id).filter((id) => chosen.has(id)));
}
