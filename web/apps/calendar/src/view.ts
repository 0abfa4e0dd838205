/** How the calendar is looked at, kept on the device: whoever plans by weeks does so tomorrow, too. */

export const VIEWS = ['month', 'week', 'day', 'agenda'] as const;
export type View = (typeof VIEWS)[number];
const KEY = 'calendar.view';

/** The view that was chosen last on this device; the month where there is none, or storage is closed to pages. */
export function keptView(): View {
  try {
    const kept = localStorage.getItem(KEY);
    return VIEWS.find((one) => one === kept) ?? 'month';
  } catch {
    return 'month';
  }
}

export function keepView(view: View): void {
  try {
    localStorage.setItem(KEY, view);
  } catch {
    // It is chosen anew the next time.
  }
}
