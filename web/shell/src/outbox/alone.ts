/** One holder of the name at a time among all tabs; the others wait. */
export type Alone = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** By the browser's own locks, which end with their tab. */
export async function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  return navigator.locks.request(name, work) as Promise<T>;
}
