import { afterEach, expect, it, vi } from 'vitest';
import { browserPeer } from '../peer.ts';

/** A browser's part, as far as a peer uses it. */
const ways: Way[] = [];
class Way {
  constructor() {
    ways.push(this);
  }
  signalingState = 'stable';
  localDescription = { sdp: 'v=0 mine' };
  remoteDescription: unknown = null;
  heard: unknown[] = [];
  createOffer = async () => ({ type: 'offer' });
  createAnswer = async () => ({ type: 'answer' });
  setLocalDescription = async ({ type }: { type: string }) => {
    this.signalingState = type === 'offer' ? 'have-local-offer' : 'stable';
  };
  setRemoteDescription = async (description: { type: string }) => {
    this.heard.push(description);
    this.remoteDescription = description;
    this.signalingState = description.type === 'offer' ? 'have-remote-offer' : 'stable';
  };
  addIceCandidate = async (candidate: unknown) => void this.heard.push(candidate);
  addTrack = () => undefined;
  close = () => undefined;
}

function world() {
  const track = { enabled: true, stop: vi.fn() };
  const stream = { getTracks: () => [track], getAudioTracks: () => [track] };
  let allow = () => {};
  const allowed = new Promise<typeof stream>((done) => (allow = () => done(stream)));
  vi.stubGlobal('Audio', class {});
  vi.stubGlobal('RTCPeerConnection', Way);
  vi.stubGlobal('navigator', { mediaDevices: { getUserMedia: () => allowed } });
  const peer = browserPeer({ servers: [] }, { candidate: () => undefined, way: () => undefined });
  const way = ways.at(-1)!;
  return { way, track, allow, peer };
}
afterEach(() => void vi.unstubAllGlobals());

it('switches a microphone off that was allowed after the end', async () => {
  const { track, allow, peer } = world();
  const offer = peer.offer();
  peer.close();
  allow();
  await expect(offer).rejects.toMatchObject({ code: 'call-over' });
  expect(track.stop).toHaveBeenCalledTimes(1);
});

it('takes one answer to one offer', async () => {
  const { way, allow, peer } = world();
  allow();
  await peer.offer();
  await peer.answered('v=0 theirs');
  await peer.answered('v=0 theirs');
  expect(way.heard).toEqual([{ type: 'answer', sdp: 'v=0 theirs' }]);
});

it('takes a candidate that is none as one way less', async () => {
  const { way, allow, peer } = world();
  allow();
  await peer.candidate('{');
  await peer.candidate('{"candidate":"a"}');
  await peer.answer('v=0');
  for (const one of ['', 'no', '{"candidate":"b"}']) await peer.candidate(one);
  expect(way.heard.slice(1)).toEqual([{ candidate: 'a' }, { candidate: 'b' }]);
});
