/** Reading again whenever something changed: what was read last is what there is at last. */

/**
 * Gives `read` one turn at a time. Two readings at once may end in the other order, and what the older one found would
 * stay. One that is asked for while another runs is made after it, once for all who asked meanwhile: what is resolved
 * was read after it was asked for. Rejects as `read` does, without keeping later ones from their turn.
 */
export function rereads(read: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const run = (): Promise<void> => {
    next = undefined;
    const mine = read().finally(() => {
      if (running === mine) running = undefined;
    });
    running = mine;
    return mine;
  };
  return () => {
    if (next) return next;
    if (!running) return run();
    next = running.then(run, run);
    return next;
  };
}
