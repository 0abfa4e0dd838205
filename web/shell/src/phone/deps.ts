/** What a phone gives the apps in its windows to work with. */

import { locale, localeTag, onLocale } from '../../../kit/src/i18n/index.ts';
import type { BridgeEnv, Intent, ShellDeps } from '../deps.ts';
import { awake } from '../windows/windows.ts';
import type { Phone } from './model.ts';

export function depsOf(phone: Phone, intent?: Intent): ShellDeps {
  const { sync, api, notices, uploads, vault, outbox, handset, accountCalls, windows } = phone;
  const env = () => envOf(phone);
  const deps: ShellDeps = {
    sync,
    api,
    notices,
    uploads,
    vault,
    outbox,
    handset,
    accountCalls,
    openApp: (id, wish) => phone.open(id, wish),
    openLink: (app, url) => phone.openLink(app, url),
    press: (app, key) => phone.press(app, key),
    apps: () => phone.apps.value,
    env,
    onEnv: (listener) => {
      const tell = () => listener(env());
      const offs = [onLocale(tell), phone.theme.watch(tell), phone.form.watch(tell)];
      return () => {
        for (const off of offs) off();
      };
    },
    front: () => awake(windows.value),
    onFront: (listener) => windows.watch((now) => listener(awake(now))),
  };
  if (intent) deps.intent = intent;
  return deps;
}

function envOf(phone: Phone): BridgeEnv {
  return {
    theme: phone.theme.value,
    locale: locale(),
    tag: localeTag(),
    accent: getComputedStyle(document.documentElement).getPropertyValue('--pl-accent').trim(),
    form: phone.form.value,
  };
}
