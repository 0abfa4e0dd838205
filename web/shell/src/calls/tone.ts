/** What a phone that is called sounds like: two soft notes and a pause, until it ends. */

const NOTES = [587.33, 880, 698.46, 880];
const NOTE_S = 0.28;
const EVERY_MS = 3000;

export class RingTone {
  private sound: AudioContext | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;

  start(): void {
    if (this.timer !== undefined) return;
    this.sound = new AudioContext();
    this.play();
    this.timer = setInterval(() => this.play(), EVERY_MS);
    // A browser may keep a page silent that nobody has touched.
    window.addEventListener('pointerdown', this.wake, true);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    window.removeEventListener('pointerdown', this.wake, true);
    navigator.vibrate?.(0);
    void this.sound?.close();
    this.sound = undefined;
  }

  private readonly wake = (): void => {
    void this.sound?.resume();
  };

  private play(): void {
    navigator.vibrate?.([400, 200, 400]);
    const { sound } = this;
    if (sound?.state !== 'running') return;
    for (const [at, frequency] of NOTES.entries()) {
      const begin = sound.currentTime + at * NOTE_S;
      const gain = new GainNode(sound, { gain: 0 });
      const tone = new OscillatorNode(sound, { type: 'triangle', frequency });
      tone.connect(gain).connect(sound.destination);
      gain.gain.setValueAtTime(0, begin);
      gain.gain.linearRampToValueAtTime(0.5, begin + 0.03);
      gain.gain.exponentialRampToValueAtTime(0.001, begin + NOTE_S * 1.8);
      tone.start(begin);
      tone.stop(begin + NOTE_S * 2);
    }
  }
}
