/** The sound of one call: a microphone, a loudspeaker, and the way between two devices (WebRTC, RFC 8825). */

import { Problem } from '../../session/problem.ts';

export interface Servers {
  servers: readonly { urls: readonly string[]; username: string; credential: string }[];
}

export interface PeerNews {
  /** `RTCIceCandidateInit` as JSON, "" for the last one. */
  candidate(candidate: string): void;
  /** `broken`: nothing comes by any more, and no other way was found. */
  way(state: 'open' | 'closed' | 'broken'): void;
}

/** What a call needs of it. */
export interface Peer {
  /** Raises a `Problem` where there is no microphone, or it is not allowed. */
  offer(again?: boolean): Promise<string>;
  answer(offer: string): Promise<string>;
  answered(answer: string): Promise<void>;
  candidate(candidate: string): Promise<void>;
  /** Whether the other side hears this one. */
  speak(on: boolean): void;
  listen(on: boolean): void;
  /** The loudspeaker that comes next, where the browser lets one choose; its name. */
  nextOutput(): Promise<string>;
  close(): void;
}

export type MakePeer = (servers: Servers, news: PeerNews) => Peer;

export const browserPeer: MakePeer = (servers, news) => new BrowserPeer(servers, news);

/** Whether this browser can call at all: a page without TLS gets no microphone. */
export function canSpeak(): boolean {
  return typeof RTCPeerConnection === 'function' && navigator.mediaDevices?.getUserMedia !== undefined;
}

class BrowserPeer implements Peer {
  private readonly way: RTCPeerConnection;
  private readonly sound = new Audio();
  private microphone: MediaStream | undefined;
  /** Candidates that came before the description that they belong to. */
  private early: string[] = [];
  private speaks = true;
  private closed = false;

  constructor(servers: Servers, news: PeerNews) {
    this.way = new RTCPeerConnection({ iceServers: servers.servers.map(server) });
    this.way.onicecandidate = ({ candidate }) => news.candidate(candidate ? JSON.stringify(candidate) : '');
    this.way.onconnectionstatechange = () => {
      const { connectionState: state } = this.way;
      if (state === 'connected') news.way('open');
      else if (state === 'disconnected') news.way('closed');
      else if (state === 'failed') news.way('broken');
    };
    this.way.ontrack = ({ track, streams: [stream] }) => {
      this.sound.srcObject = stream ?? new MediaStream([track]);
      void this.sound.play().catch(() => undefined); // the press that began the call lets it
    };
  }

  async offer(again = false): Promise<string> {
    if (!again) await this.listenIn();
    await this.way.setLocalDescription(await this.way.createOffer({ iceRestart: again }));
    return this.way.localDescription!.sdp;
  }

  async answer(offer: string): Promise<string> {
    if (!this.microphone) await this.listenIn();
    await this.describe({ type: 'offer', sdp: offer });
    await this.way.setLocalDescription(await this.way.createAnswer());
    return this.way.localDescription!.sdp;
  }

  async answered(answer: string): Promise<void> {
    // Said twice where nobody knew whether the cloud had heard it.
    if (this.way.signalingState === 'have-local-offer') await this.describe({ type: 'answer', sdp: answer });
  }

  async candidate(candidate: string): Promise<void> {
    if (!this.way.remoteDescription) this.early.push(candidate);
    if (!this.way.remoteDescription || !candidate) return;
    try {
      await this.way.addIceCandidate(JSON.parse(candidate));
    } catch {
      // One way less.
    }
  }

  speak(on: boolean): void {
    this.speaks = on;
    for (const track of this.microphone?.getAudioTracks() ?? []) track.enabled = on;
  }

  listen(on: boolean): void {
    this.sound.muted = !on;
  }

  async nextOutput(): Promise<string> {
    const sinks = (await navigator.mediaDevices.enumerateDevices()).filter(
      ({ kind }) => kind === 'audiooutput',
    );
    if (sinks.length < 2 || !('setSinkId' in this.sound)) return '';
    const at = sinks.findIndex(({ deviceId }) => deviceId === (this.sound.sinkId || 'default'));
    const next = sinks[(at + 1) % sinks.length]!;
    await this.sound.setSinkId(next.deviceId);
    return next.label;
  }

  close(): void {
    this.closed = true;
    for (const track of this.microphone?.getTracks() ?? []) track.stop();
    this.way.close();
    this.sound.srcObject = null;
  }

  private async listenIn(): Promise<void> {
    if (!canSpeak()) throw new Problem('microphone-missing', '');
    const wish = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    const microphone = await navigator.mediaDevices.getUserMedia({ audio: wish }).catch((error): never => {
      throw new Problem(isRefusal(error) ? 'microphone-denied' : 'microphone-missing', '');
    });
    if (this.closed) {
      // Hung up while the browser asked its owner: nobody else would switch it off.
      for (const track of microphone.getTracks()) track.stop();
      throw new Problem('call-over', '');
    }
    this.microphone = microphone;
    this.speak(this.speaks);
    for (const track of microphone.getTracks()) this.way.addTrack(track, microphone);
  }

  private async describe(description: RTCSessionDescriptionInit): Promise<void> {
    await this.way.setRemoteDescription(description);
    for (const one of this.early.splice(0)) await this.candidate(one);
  }
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'SecurityError')
  );
}

function server({ urls, username, credential }: Servers['servers'][number]): RTCIceServer {
  return username ? { urls: [...urls], username, credential } : { urls: [...urls] };
}
