/** What a running app has the phone show next (SHOW of the surface wire format); pure. */

export interface Choice {
  /** The app that asks. */
  asker: string;
  number: number;
  title: string;
  choices: readonly { app: string; component: string; label: string }[];
}

export type Show =
  | { kind: 'home' }
  /** `over` is to be closed; going back leads to `by`. */
  | { kind: 'app'; app: string; over?: string; by?: string }
  | { kind: 'link'; url: string }
  | { kind: 'choose'; choice: Choice };

/** Later ones win: they come over several connections, and one that was overtaken means nothing any more. */
export class Following {
  private last = 0;

  /** What `app` wants; undefined for what is late, or makes no sense. */
  next(info: Readonly<Record<string, unknown>>, app: string): Show | undefined {
    const show = parse(info, app);
    const number = typeof info.number === 'number' ? info.number : 0;
    if (!show || number <= this.last) return undefined;
    this.last = number;
    return show;
  }
}

function parse(info: Readonly<Record<string, unknown>>, asker: string): Show | undefined {
  if (typeof info.link === 'string')
    return /^https?:\/\//i.test(info.link) ? { kind: 'link', url: info.link } : undefined;
  if (info.choose) {
    const choice = parseChoice(info.choose as Record<string, unknown>, asker);
    return choice && { kind: 'choose', choice };
  }
  if (typeof info.app !== 'string') return undefined;
  if (info.app === '') return { kind: 'home' };
  if (typeof info.leave !== 'string' || info.leave === '') return { kind: 'app', app: info.app, by: asker };
  return info.over === true
    ? { kind: 'app', app: info.app, over: info.leave }
    : { kind: 'app', app: info.app };
}

function parseChoice(fields: Record<string, unknown>, asker: string): Choice | undefined {
  if (typeof fields.number !== 'number' || !Array.isArray(fields.choices)) return undefined;
  const choices = fields.choices.flatMap((one: unknown) => {
    const { app, component, label } = one as Record<string, unknown>;
    if (typeof app !== 'string' || typeof component !== 'string') return [];
    return [{ app, component, label: typeof label === 'string' ? label : app }];
  });
  return { asker, number: fields.number, title: String(fields.title ?? ''), choices };
}
