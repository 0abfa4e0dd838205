/** How an installation is shown. Pure. */

import type { Install } from '@pileus/sdk';

const PHASES: readonly string[] = ['upload', 'check', 'translate'];
// What each phase takes of the bar: translation is by far the longest.
const SHARES: readonly number[] = [0.25, 0.05, 0.7];

/** 0..1 over all phases; never falls when a phase begins. */
export function overall({ phase, progress }: Pick<Install, 'phase' | 'progress'>): number {
  if (phase === 'done') return 1;
  const at = PHASES.indexOf(phase);
  if (at < 0) return 0;
  const before = SHARES.slice(0, at).reduce((sum, share) => sum + share, 0);
  return before + SHARES[at]! * Math.min(1, Math.max(0, progress));
}

export function phaseWords(phase: string): string {
  return PHASES.includes(phase) ? `store.${phase}` : 'store.waiting';
}

/** An APK is a ZIP archive (APPNOTE 4.3.6); anything else need not be uploaded to be refused. */
export async function looksLikeApk(file: Blob): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
}
