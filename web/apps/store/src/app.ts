/** Store: apps from files, and what is installed. */

import '@pileus/kit';
import { bytes, problemWords, rereads, t, Words } from '@pileus/kit';
import { BridgeError, type Install, type InstalledApp, type Phone } from '@pileus/sdk';
import { css, html, LitElement, nothing } from 'lit';
import { property, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { looksLikeApk, overall, phaseWords } from './installing.ts';
import { asked } from './permissions.ts';

interface Job {
  name: string;
  state: Install;
  failed?: string;
}

export class StoreApp extends LitElement {
  static override styles = css`
    :host { display: block; height: 100%; overflow: auto; mask-image: var(--pl-soft-end); background: var(--pl-surface); }
    main { max-width: 720px; margin: 0 auto; padding: 20px var(--pl-side) 32px; }
    h1 { margin: 0 0 16px; font: 600 28px/var(--pl-line-title) var(--pl-font); letter-spacing: -0.01em; }
    h2 { margin: 24px 4px 8px; font: 500 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
    .card { background: var(--pl-card); border-radius: var(--pl-radius-card); overflow: hidden; }
    .place { padding: 24px 20px; display: grid; gap: 14px; justify-items: center; text-align: center; color: var(--pl-ink-soft); margin-bottom: 12px; }
    .place p { margin: 0; max-width: 36ch; text-wrap: balance; font: 400 16px/var(--pl-line) var(--pl-font); }
    .place small { font: 400 14px/1.4 var(--pl-font); }
    @media (hover: none) { .place small { display: none; } }
    .place.drop { outline: 2px dashed var(--pl-accent); outline-offset: -8px; }
    .mark { width: 72px; height: 72px; border-radius: 50%; display: grid; place-items: center; background: var(--pl-sunken); color: var(--pl-link); }
    .mark pl-icon { width: 32px; height: 32px; }
    .job { padding: 16px; margin-bottom: 12px; display: grid; gap: 8px; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
    .job b { font: 500 16px/1.4 var(--pl-font); color: var(--pl-ink); overflow-wrap: anywhere; } .job p { margin: 0; } .bad { color: var(--pl-red); }
    .job .acts { justify-self: end; display: flex; gap: 8px; }
    progress { width: 100%; height: 6px; appearance: none; border: 0; border-radius: 3px; overflow: hidden; background: var(--pl-sunken); display: block; }
    progress::-webkit-progress-bar { background: var(--pl-sunken); } progress::-webkit-progress-value { background: var(--pl-accent); }
    progress::-moz-progress-bar { background: var(--pl-accent); }
    details + details { box-shadow: inset 0 1px var(--pl-hairline); }
    summary { display: grid; grid-template-columns: 48px minmax(0, 1fr) auto; gap: 14px; align-items: center; min-height: 72px; padding: 4px 16px; cursor: pointer; list-style: none; }
    summary:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
    pl-app-icon { width: 48px; height: 48px; }
    .name, .under { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    .name { font: 500 16px/1.4 var(--pl-font); } .under { font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); font-variant-numeric: tabular-nums; }
    .none { margin: 0 4px; font: 400 16px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
    .more { padding: 0 16px 16px 78px; font: 400 14px/1.5 var(--pl-font); color: var(--pl-ink-soft); overflow-wrap: anywhere; }
    .more p { margin: 0 0 6px; } .more ul { margin: 0 0 12px; padding-left: 18px; } .own { overflow-wrap: anywhere; color: var(--pl-ink-soft); } .acts { display: flex; gap: 8px; }
    [hidden] { display: none; }
  `;
  @property({ attribute: false }) phone!: Phone;
  @state() private apps: InstalledApp[] | undefined;
  @state() private jobs: readonly Job[] = [];
  @state() private asked = '';
  @state() private dropping = false;
  @query('input[type=file]') private picker!: HTMLInputElement;

  constructor() {
    super();
    new Words(this);
    this.addEventListener('dragover', (event) => {
      event.preventDefault();
      this.dropping = true;
    });
    this.addEventListener('dragleave', () => {
      this.dropping = false;
    });
    this.addEventListener('drop', (event) => {
      event.preventDefault();
      this.dropping = false;
      for (const file of event.dataTransfer?.files ?? []) void this.install(file);
    });
  }

  override firstUpdated(): void {
    void this.load();
    this.phone.apps.onChange(() => void this.load());
  }

  override render() {
    const added = this.apps?.filter((app) => app.kind !== 'web');
    return html`<main><h1>${t('store.title')}</h1>
      <div class="card place ${this.dropping ? 'drop' : ''}"><span class="mark"><pl-icon name="package-plus"></pl-icon></span>
        <p>${t('store.hint')}</p><pl-button kind="primary" @click=${() => this.picker.click()}>${t('store.install')}</pl-button><small>${t('store.drop')}</small></div>
      ${repeat(
        this.jobs,
        (job) => job.name,
        (job) => this.job(job),
      )}
      <h2>${t('store.installed')}</h2>
      ${
        added && added.length === 0
          ? html`<p class="none">${t('store.none')}</p>`
          : html`<div class="card">${repeat(
              added ?? [],
              (app) => app.id,
              (app) => this.app(app),
            )}</div>`
      }
      <input type="file" hidden multiple accept=".apk,application/vnd.android.package-archive" @change=${this.pick}></main>`;
  }

  private job(job: Job) {
    const close = html`<pl-button @click=${() => this.change(job.name, undefined)}>${t('store.close')}</pl-button>`;
    if (job.failed)
      return html`<div class="card job" role="alert"><b>${t('store.failed', { name: job.name })}</b><p class="bad">${job.failed}</p><div class="acts">${close}</div></div>`;
    const app = job.state.phase === 'done' ? this.apps?.find((one) => one.id === job.state.app) : undefined;
    if (job.state.phase === 'done')
      return html`<div class="card job" role="status"><b>${t('store.done', { name: app?.label ?? job.name })}</b><div class="acts">${close}
        ${app ? html`<pl-button kind="primary" @click=${() => void this.phone.apps.open(app.id)}>${t('store.open')}</pl-button>` : nothing}</div></div>`;
    return html`<div class="card job" role="status"><b>${job.name}</b><p>${t(phaseWords(job.state.phase))}</p>
      <progress max="1" .value=${overall(job.state)} aria-label=${job.name}></progress></div>`;
  }

  private app(app: InstalledApp) {
    const facts = [
      app.version && t('store.version', { version: app.version }),
      app.size > 0 && bytes(app.size),
    ];
    return html`<details><summary><pl-app-icon .app=${app.id} .src=${app.icon} .label=${app.label}></pl-app-icon>
        <span><span class="name">${app.label}</span><span class="under">${facts.filter(Boolean).join(' · ')}</span></span>
        <pl-button label=${t('store.open-name', { name: app.label })} @click=${(event: Event) => this.open(event, app)}>${t('store.open')}</pl-button></summary>
      <div class="more"><p>${t('store.package', { name: app.package })}</p>
        ${this.wishes(app)}
        ${
          this.asked === app.id
            ? html`<p>${t('store.sure', { name: app.label })}</p><div class="acts"><pl-button @click=${() => (this.asked = '')}>${t('store.cancel')}</pl-button>
              <pl-button kind="danger" @click=${() => void this.uninstall(app)}>${t('store.remove')}</pl-button></div>`
            : html`<pl-button kind="danger" @click=${() => (this.asked = app.id)}>${t('store.remove')}</pl-button>`
        }</div></details>`;
  }

  private wishes(app: InstalledApp) {
    const { meanings, others } = asked(app.permissions, app.package);
    if (meanings.length + others.length === 0) return html`<p>${t('store.no-permissions')}</p>`;
    return html`<p>${t('store.permissions')}</p>
      <ul>${meanings.map((key) => html`<li>${t(key)}</li>`)}${others.map((name) => html`<li class="own">${name}</li>`)}</ul>`;
  }

  private readonly load = rereads(async () => {
    const apps = await this.phone.apps.list();
    this.apps = apps.sort((one, other) => one.label.localeCompare(other.label));
  });

  private open(event: Event, app: InstalledApp): void {
    event.preventDefault();
    void this.phone.apps.open(app.id);
  }

  private async uninstall(app: InstalledApp): Promise<void> {
    this.asked = '';
    try {
      await this.phone.apps.uninstall(app.id);
    } catch (error) {
      this.change(app.label, {
        name: app.label,
        state: { phase: 'failed', progress: 0 },
        failed: words(error),
      });
    }
    await this.load();
  }

  private pick = (): void => {
    for (const file of this.picker.files ?? []) void this.install(file);
    this.picker.value = '';
  };

  private async install(file: File): Promise<void> {
    const name = file.name;
    const show = (state: Install) => this.change(name, { name, state });
    show({ phase: 'upload', progress: 0 });
    try {
      if (!(await looksLikeApk(file))) throw new BridgeError('not-an-apk', '');
      const app = await this.phone.apps.install(file, show);
      await this.load();
      show({ phase: 'done', progress: 1, app });
    } catch (error) {
      this.change(name, { name, state: { phase: 'failed', progress: 0 }, failed: words(error) });
    }
  }

  /** One that begins lies on top, where its owner looks; what was refused before may lie below for long. */
  private change(name: string, job: Job | undefined): void {
    const before = this.jobs.find((one) => one.name === name);
    const others = this.jobs.filter((one) => one !== before);
    if (!job) this.jobs = others;
    else if (!before || (before.failed && !job.failed)) this.jobs = [job, ...others];
    else this.jobs = this.jobs.map((one) => (one.name === name ? job : one));
  }
}
customElements.define('store-app', StoreApp);

function words(error: unknown): string {
  const { code, message } = error as Partial<BridgeError>;
  return problemWords(code ?? '', message ?? '');
}
