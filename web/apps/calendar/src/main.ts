import '@pileus/kit/theme/base.css';
import { addWords, applyTheme, setLocale } from '@pileus/kit';
import { connect, type Env, keepOffline } from '@pileus/sdk';
import { CalendarApp } from './app.ts';
import en from './en.json';
import zh from './zh.json';

addWords({ en, zh });
if (import.meta.env.PROD) void keepOffline();

const phone = await connect();
show(phone.env);
phone.onEnv(show);
const app = new CalendarApp();
app.phone = phone;
document.body.append(app);

function show(env: Env): void {
  applyTheme(env.theme);
  setLocale(env.locale);
  if (env.accent) document.documentElement.style.setProperty('--pl-accent', env.accent);
}
