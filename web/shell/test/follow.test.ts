import { describe, expect, it } from 'vitest';
import { cloudNotice, press } from '../src/notices/cloud.ts';
import { NoticeStore } from '../src/notices/notices.ts';
import { Following } from '../src/windows/follow.ts';

describe('what a running app has the phone show', () => {
  it('is an app, home, a page or a choice', () => {
    const following = new Following();
    expect(following.next({ number: 1, app: 'b' }, 'x')).toEqual({ kind: 'app', app: 'b', by: 'x' });
    expect(following.next({ number: 2, app: 'a', leave: 'b' }, 'x')).toEqual({ kind: 'app', app: 'a' });
    expect(following.next({ number: 3, app: 'a', leave: 'b', over: true }, 'x')).toEqual({
      kind: 'app',
      app: 'a',
      over: 'b',
    });
    expect(following.next({ number: 4, app: '' }, 'x')).toEqual({ kind: 'home' });
    expect(following.next({ number: 5, link: 'https://example.org/' }, 'x')).toMatchObject({ kind: 'link' });
    const choices = [{ app: 'b', component: 'b/.X', label: 'B' }, { app: 1 }];
    expect(following.next({ number: 6, choose: { number: 9, title: 'T', choices } }, 'x')).toEqual({
      kind: 'choose',
      choice: { asker: 'x', number: 9, title: 'T', choices: choices.slice(0, 1) },
    });
  });

  it('means nothing when it was overtaken, or makes no sense', () => {
    const following = new Following();
    expect(following.next({ number: 5, app: 'a' }, 'x')).toBeDefined();
    expect(following.next({ number: 4, app: 'b' }, 'x')).toBeUndefined();
    expect(following.next({ number: 5, app: 'b' }, 'x')).toBeUndefined();
    expect(following.next({ app: 'b' }, 'x')).toBeUndefined();
    expect(following.next({ number: 6, link: 'javascript:alert(1)' }, 'x')).toBeUndefined();
    expect(following.next({ number: 6, choose: { choices: 3 } }, 'x')).toBeUndefined();
    expect(following.next({ number: 6, app: 'b' }, 'x')).toBeDefined();
  });
});

describe("cloud apps' notices", () => {
  const info = {
    key: 'b/x/1',
    app: 'b',
    title: 'T',
    text: 'x',
    when_ms: 7,
    actions: ['Press'],
    progress: 0.25,
  };

  it("belong to the app that they name, whoever's window brought them", () => {
    const notice = cloudNotice(info, 'a', 1);
    expect(notice).toMatchObject({ app: 'b', when: 7, actions: ['Press'], progress: 0.25, cloud: true });
    expect(cloudNotice({ key: 'k', ongoing: true, stays: true }, 'a', 1)).toMatchObject({
      app: 'a',
      when: 1,
      ongoing: true,
      stays: true,
    });
    const store = new NoticeStore();
    store.post(notice);
    store.cancel('b/x/1');
    expect(store.all()).toHaveLength(0);
  });

  it('are pressed in the cloud, which says what to show', async () => {
    const sent: unknown[] = [];
    const api = {
      baseUrl: '',
      token: '',
      send: () => Promise.reject(new Error('not used')),
      get: () => Promise.reject(new Error('not used')),
      delete: () => Promise.reject(new Error('not used')),
      post: <T>(path: string, body?: unknown) => {
        sent.push(path, body);
        return Promise.resolve({ app: 'b' } as T);
      },
    };
    expect(await press(api, cloudNotice(info, 'a', 1), 0)).toBe('b');
    expect(sent).toEqual(['/apps/notices', { app: 'b', key: 'b/x/1', action: 0 }]);
  });
});
