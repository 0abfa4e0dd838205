/** Notices of apps that run in the cloud: it keeps them, and does what a press means, also when no app runs. */

import type { Api, Notice } from '../deps.ts';

/** From NOTIFY; `app` for those that do not say whose they are. */
export function cloudNotice(info: Readonly<Record<string, unknown>>, app: string, now: number): Notice {
  const { when_ms: when, actions, progress } = info;
  const notice: Notice = {
    key: String(info.key),
    app: typeof info.app === 'string' && info.app ? info.app : app,
    title: String(info.title ?? ''),
    text: String(info.text ?? ''),
    when: typeof when === 'number' && when > 0 ? when : now,
    cloud: true,
    actions: Array.isArray(actions) ? actions.map(String) : [],
  };
  if (typeof progress === 'number') notice.progress = progress;
  if (info.ongoing === true) notice.ongoing = true;
  if (info.stays === true) notice.stays = true;
  return notice;
}

/** Presses a notice (-1) or one of its actions; the app that is to be shown, if any. */
export async function press(api: Api, notice: Notice, action: number): Promise<string | undefined> {
  const answer = await api.post<{ app?: string | null }>('/apps/notices', {
    app: notice.app,
    key: notice.key,
    action,
  });
  return answer.app ?? undefined;
}

export async function dismiss(api: Api, notice: Notice): Promise<void> {
  await api.post('/apps/notices', { app: notice.app, key: notice.key, dismissed: true });
}
