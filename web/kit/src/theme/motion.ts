/** Springs that follow the finger and can be caught at any moment. */

export interface SpringSettings {
  /** Seconds that one swing would take; 0.3 is quick, 0.4 is calm. */
  response: number;
  /** 1 never swings over; 0.85 swings over by a breath. */
  damping: number;
}

export interface SpringState {
  value: number;
  velocity: number;
}

export const CALM: SpringSettings = { response: 0.38, damping: 0.9 };
export const QUICK: SpringSettings = { response: 0.3, damping: 1 };

/** One step of `seconds` towards `target`; pure. Steps longer than 1/30 s are cut into shorter ones. */
export function springStep(
  state: SpringState,
  target: number,
  seconds: number,
  settings: SpringSettings = CALM,
): SpringState {
  const omega = (2 * Math.PI) / settings.response;
  let { value, velocity } = state;
  let left = Math.min(seconds, 0.25);
  while (left > 0) {
    const dt = Math.min(left, 1 / 240);
    const pull = -omega * omega * (value - target) - 2 * settings.damping * omega * velocity;
    velocity += pull * dt;
    value += velocity * dt;
    left -= dt;
  }
  return { value, velocity };
}

export function atRest(state: SpringState, target: number, grain: number): boolean {
  return Math.abs(state.value - target) < grain && Math.abs(state.velocity) < grain * 20;
}

export function reducedMotion(): boolean {
  return globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false;
}

/** Several named springs that are drawn together, one callback a frame. */
export class Motion<Name extends string> {
  private states = new Map<Name, SpringState>();
  private targets = new Map<Name, number>();
  private frame = 0;
  private before = 0;
  private done: (() => void)[] = [];

  constructor(
    start: Record<Name, number>,
    private readonly draw: (values: Record<Name, number>) => void,
    private readonly settings: SpringSettings = CALM,
  ) {
    for (const name of Object.keys(start) as Name[]) {
      this.states.set(name, { value: start[name], velocity: 0 });
      this.targets.set(name, start[name]);
    }
  }

  get values(): Record<Name, number> {
    return Object.fromEntries([...this.states].map(([name, state]) => [name, state.value])) as Record<
      Name,
      number
    >;
  }

  /** Puts values under the finger, at once. */
  set(values: Partial<Record<Name, number>>): void {
    for (const [name, value] of Object.entries(values) as [Name, number][]) {
      this.states.set(name, { value, velocity: 0 });
      this.targets.set(name, value);
    }
    this.draw(this.values);
  }

  /** Lets values spring to their place; resolves at rest, or when another wish came in between. */
  to(targets: Partial<Record<Name, number>>, velocities: Partial<Record<Name, number>> = {}): Promise<void> {
    for (const [name, target] of Object.entries(targets) as [Name, number][]) {
      this.targets.set(name, target);
      const velocity = velocities[name];
      const state = this.states.get(name);
      if (velocity !== undefined && state) this.states.set(name, { ...state, velocity });
    }
    this.finish();
    if (reducedMotion()) {
      this.set(Object.fromEntries(this.targets) as Partial<Record<Name, number>>);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.done.push(resolve);
      if (this.frame === 0) {
        this.before = performance.now();
        this.frame = requestAnimationFrame(this.tick);
      }
    });
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.finish();
  }

  private tick = (now: number): void => {
    const seconds = Math.max(0, now - this.before) / 1000;
    this.before = now;
    let moving = false;
    for (const [name, state] of this.states) {
      const target = this.targets.get(name)!;
      const grain = name === 'scale' || name === 'opacity' ? 0.002 : 0.3;
      const next = springStep(state, target, seconds, this.settings);
      const rest = atRest(next, target, grain);
      this.states.set(name, rest ? { value: target, velocity: 0 } : next);
      moving ||= !rest;
    }
    this.draw(this.values);
    this.frame = moving ? requestAnimationFrame(this.tick) : 0;
    if (!moving) this.finish();
  };

  private finish(): void {
    for (const resolve of this.done.splice(0)) resolve();
  }
}
