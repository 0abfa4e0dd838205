import '@pileus/kit/theme/base.css';
import { addWords, wear } from '@pileus/kit';
import { connect, keepOffline } from '@pileus/sdk';
import { PhoneApp } from './app.ts';
import en from './en.json';
import zh from './zh.json';

addWords({ en, zh });
if (import.meta.env.PROD) void keepOffline();

const phone = await connect();
wear(phone.env);
phone.onEnv(wear);
const app = new PhoneApp();
app.phone = phone;
document.body.append(app);
