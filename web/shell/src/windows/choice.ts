import { css, html, LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import { t, Words } from '../../../kit/src/i18n/index.ts';
import '../../../kit/src/elements/app-icon.ts';
import { focusInto } from '../../../kit/src/theme/focus.ts';
import type { Phone } from '../phone/model.ts';
import type { Choice } from './follow.ts';

/** The sheet that asks which app is to do it. A tap beside it means none. */
export class PlChoice extends LitElement {
  static override styles = css`
    :host { position: absolute; inset: 0; z-index: 300; display: grid; align-items: end; background: #0006; }
    section { background: var(--pl-surface); color: var(--pl-ink); border-radius: 20px 20px 0 0; padding: 20px 20px 40px;
      max-height: 70%; overflow-y: auto; box-sizing: border-box; width: 100%; max-width: 520px; margin: 0 auto; }
    section:focus { outline: none; }
    h2 { margin: 0 0 12px; font: 600 20px/1.2 var(--pl-font); }
    button { all: unset; cursor: pointer; box-sizing: border-box; width: calc(100% + 16px); margin: 0 -8px; min-height: 64px; display: grid;
      grid-template-columns: 40px 1fr; gap: 0 16px; align-items: center; border-radius: 12px; padding: 6px 8px; }
    button:active { background: var(--pl-sunken); }
    button:focus-visible { outline: 2px solid var(--pl-accent); }
    pl-app-icon { width: 40px; height: 40px; }
    p { margin: 0 0 12px; font: 400 16px/1.5 var(--pl-font); color: var(--pl-ink-soft); }
    .close { width: 100%; margin: 0; display: block; min-height: 48px; text-align: center; font: 500 16px/1 var(--pl-font);
      color: var(--pl-accent); }
    b { display: block; font: 500 16px/1.4 var(--pl-font); }
    small { font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  `;
  @property({ attribute: false }) phone!: Phone;
  @property({ attribute: false }) choice!: Choice;

  override connectedCallback(): void {
    super.connectedCallback();
    new Words(this);
  }

  override firstUpdated(): void {
    const sheet = this.renderRoot.querySelector('section');
    if (sheet) focusInto(sheet, sheet.querySelector('button'));
  }

  override render() {
    return html`<section role="dialog" aria-label=${this.choice.title || t('choice.title')} @click=${(event: Event) => event.stopPropagation()}>
      <h2>${this.choice.title || t('choice.title')}</h2>
      ${this.choice.choices.map((one) => {
        const app = this.phone.app(one.app);
        const name = app?.label ?? one.label;
        return html`<button @click=${() => this.tell(one.component)}>
          <pl-app-icon app=${one.app} src=${app?.icon ?? ''} label=${name}></pl-app-icon>
          <span><b>${name}</b>${one.label === name ? '' : html`<small>${one.label}</small>`}</span></button>`;
      })}
      ${this.choice.choices.length ? '' : html`<p>${t('choice.none')}</p><button class="close" @click=${() => this.tell(undefined)}>${t('action.close')}</button>`}</section>`;
  }

  protected override createRenderRoot() {
    this.addEventListener('click', () => this.tell(undefined));
    this.addEventListener('keydown', (event) => event.key === 'Escape' && this.tell(undefined));
    return super.createRenderRoot();
  }

  private tell(component: string | undefined): void {
    this.phone.choose(this.choice, component);
  }
}
customElements.define('pl-choice', PlChoice);
