/** Where icons are on the home screen; pure. Places are kept as records `shell.home`, one an app. */

import type { SyncRecord } from '../../../kit/src/sync/types.ts';

export interface Place {
  area: 'home' | 'dock';
  page: number;
  cell: number;
}

export interface Grid {
  columns: number;
  rows: number;
  dock: number;
}

export interface Layout {
  /** Pages of cells; an empty cell is undefined. */
  pages: (string | undefined)[][];
  dock: string[];
}

export const PHONE: Grid = { columns: 4, rows: 6, dock: 4 };
export const TABLET: Grid = { columns: 5, rows: 4, dock: 6 };
/** What is in the dock until the owner says otherwise. */
export const FIRST_DOCK: readonly string[] = ['phone', 'messages', 'notes', 'files', 'store'];
const LAST_PAGE = 19;

export function parsePlace(record: Pick<SyncRecord, 'fields'>): Place | undefined {
  const { area, page, cell } = record.fields;
  if ((area !== 'home' && area !== 'dock') || !isIndex(cell, 99)) return undefined;
  return { area, cell, page: isIndex(page, LAST_PAGE) ? page : 0 };
}

/**
 * Every app has one place. Kept places win, in the order of `apps` when two want the same; what has none
 * takes the first free cell. So two devices with the same records show the same screen.
 */
export function arrange(apps: readonly string[], places: ReadonlyMap<string, Place>, grid: Grid): Layout {
  const size = grid.columns * grid.rows;
  const pages: (string | undefined)[][] = [emptyPage(size)];
  const dock: (string | undefined)[] = [];
  const waiting: string[] = [];
  for (const app of apps) {
    const place = places.get(app) ?? firstPlace(app);
    if (place?.area === 'dock' && place.cell < grid.dock && dock[place.cell] === undefined) {
      dock[place.cell] = app;
    } else if (
      place?.area === 'home' &&
      place.cell < size &&
      pageOf(pages, place.page, size)[place.cell] === undefined
    ) {
      pages[place.page]![place.cell] = app;
    } else {
      waiting.push(app);
    }
  }
  for (const app of waiting) fillFirst(pages, app, size);
  while (pages.length > 1 && pages.at(-1)!.every((cell) => cell === undefined)) pages.pop();
  return { pages, dock: dock.filter((app): app is string => app !== undefined) };
}

/** The places of all apps after one was put elsewhere; who was there takes the mover's old place. */
export function move(layout: Layout, app: string, to: Place, grid: Grid): Map<string, Place> {
  const places = placesOf(layout);
  const from = places.get(app);
  if (!from) return places;
  if (to.area === 'dock') {
    const others = layout.dock.filter((one) => one !== app);
    if (others.length >= grid.dock) return places;
    const cell = Math.min(to.cell, others.length);
    const next = [...others.slice(0, cell), app, ...others.slice(cell)];
    for (const [index, one] of next.entries()) places.set(one, { area: 'dock', page: 0, cell: index });
    return places;
  }
  const there = layout.pages[to.page]?.[to.cell];
  if (there !== undefined && there !== app) places.set(there, from);
  places.set(app, to);
  return places;
}

export function placesOf(layout: Layout): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const [page, cells] of layout.pages.entries())
    for (const [cell, app] of cells.entries())
      if (app !== undefined) places.set(app, { area: 'home', page, cell });
  for (const [cell, app] of layout.dock.entries()) places.set(app, { area: 'dock', page: 0, cell });
  return places;
}

function firstPlace(app: string): Place | undefined {
  const cell = FIRST_DOCK.indexOf(app);
  return cell < 0 ? undefined : { area: 'dock', page: 0, cell };
}

function fillFirst(pages: (string | undefined)[][], app: string, size: number): void {
  for (const page of pages) {
    const free = page.indexOf(undefined);
    if (free >= 0) {
      page[free] = app;
      return;
    }
  }
  pages.push([app, ...emptyPage(size - 1)]);
}

function pageOf(pages: (string | undefined)[][], page: number, size: number): (string | undefined)[] {
  while (pages.length <= page) pages.push(emptyPage(size));
  return pages[page]!;
}

function emptyPage(size: number): (string | undefined)[] {
  return new Array<string | undefined>(size).fill(undefined);
}

function isIndex(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
}
