/**
 * The simulator's devices: the shell's own sync, driven by lines of JSON on stdin, answered on stdout.
 *
 * Nothing here decides anything. Whatever a device waits for (an answer, a timer, some of its commits)
 * is a gate that the simulator opens when its scheduler says so; see tests/simulator.
 */
import { readSync, writeSync } from 'node:fs';
import * as Y from 'yjs';
import {
  type Clock,
  createSync,
  MemoryStorage,
  type Random,
  type Sync,
  TEXT_ROOT,
} from '../../src/sync/index.ts';
import type { Entry } from '../../src/sync/ledger.ts';
import type { Request, Response, Transport } from '../../src/sync/transport.ts';
import type { Fields, SyncText } from '../../src/sync/types.ts';
import { readCollection } from '../../src/sync/view.ts';

type Command =
  | { c: 'boot'; device: string; seed: number; wipe: boolean; slowCommits: number }
  | { c: 'crash'; device: string }
  | { c: 'open'; gate: number; value?: Response | { lost: true } }
  | { c: 'do'; device: string; op: number; act: Act; collection: string; id: string }
  | { c: 'dump'; devices: string[]; collections: string[] }
  | { c: 'ring'; device: string }
  | { c: 'end' };

type Act =
  | { kind: 'put'; fields: Fields }
  | { kind: 'delete' }
  | { kind: 'insert'; field: string; token: string; at: number; open: boolean }
  | { kind: 'cut'; field: string; token: string }
  | { kind: 'look' };

type Gate = {
  gate: number;
  device: string;
  kind: 'send' | 'sleep' | 'commit';
  ms?: number;
  request?: Request;
};

interface Device {
  sync: Sync;
  storage: MemoryStorage;
  /** Texts that stay open from one edit to the next, as in an editor. */
  editors: Map<string, Editor>;
}

interface Editor {
  text: SyncText;
  doc: Y.Doc;
}

let gates = new Map<number, { device: string; open: (value: unknown) => void }>();
let devices = new Map<string, Device>();
let opened: Gate[] = [];
let closed: number[] = [];
let done: { op: number; seen?: unknown; told?: number; acknowledged?: boolean; error?: string }[] = [];
let counter = 0;

async function perform(command: Command): Promise<unknown> {
  switch (command.c) {
    case 'boot':
      return boot(command.device, command.seed, command.wipe, command.slowCommits);
    case 'crash':
      return crash(command.device);
    case 'open':
      gates.get(command.gate)?.open(command.value);
      gates.delete(command.gate);
      return undefined;
    case 'do':
      void act(command).catch((error) => done.push({ op: command.op, error: String(error?.stack ?? error) }));
      return undefined;
    case 'ring':
      devices.get(command.device)?.sync.ring();
      return undefined;
    case 'dump':
      return dumps(command.devices, command.collections);
    case 'end':
      for (const device of devices.values()) void device.sync.stop();
      gates = new Map();
      devices = new Map();
      return undefined;
  }
}

function boot(name: string, seed: number, wipe: boolean, slowCommits: number): void {
  const numbers = mulberry(seed);
  const disk = mulberry(seed ^ 0x5bd1e995);
  const slow = () =>
    disk() < slowCommits ? (wait({ device: name, kind: 'commit' }) as Promise<void>) : undefined;
  const before = wipe ? undefined : devices.get(name)?.storage;
  const storage = before ? before.survivor(slow) : new MemoryStorage(slow);
  const clock: Clock = {
    sleep: (ms, signal) => wait({ device: name, kind: 'sleep', ms }, signal) as Promise<void>,
  };
  const transport: Transport = {
    send: async (request: Request, signal: AbortSignal) => {
      // As JSON, so that a device and the cloud never share an object.
      const answer = (await wait({ device: name, kind: 'send', request }, signal)) as
        | Response
        | { lost: true };
      if (!answer || 'lost' in answer) throw new Error('the network is lost');
      return answer;
    },
  };
  const random: Random = { number: numbers, uuid: () => uuid(numbers) };
  const sync = createSync({ storage, transport, clock, random, poll: 20_000 });
  devices.set(name, { sync, storage, editors: new Map() });
  void sync.start();
}

function wait(gate: Omit<Gate, 'gate'>, signal?: AbortSignal): Promise<unknown> {
  const number = ++counter;
  return new Promise((resolve) => {
    const abort = () => {
      if (!gates.delete(number)) return;
      closed.push(number);
      resolve(undefined);
    };
    const open = (value: unknown) => {
      signal?.removeEventListener('abort', abort);
      resolve(value);
    };
    gates.set(number, { device: gate.device, open });
    opened.push({ gate: number, ...gate });
    signal?.addEventListener('abort', abort);
  });
}

/** The process is gone: what it had not committed is lost, what it still waits for never comes. */
function crash(name: string): void {
  const { sync, storage } = need(name);
  devices.set(name, { sync, storage: storage.survivor(), editors: new Map() });
  for (const [number, gate] of gates) if (gate.device === name) gates.delete(number);
  void sync.stop();
}

async function act(command: Extract<Command, { c: 'do' }>): Promise<void> {
  const device = need(command.device);
  const { sync } = device;
  const { collection, id, op, act } = command;
  // Asked for in one go: nothing comes between what the owner sees and what they do. At the most what was told
  // by then: between a snapshot and the tail after it nothing is known of what the device does not hold.
  const asked = device.storage.transaction('readonly', (tx) => tx.get<number>('meta', 'told'));
  const look = sync.get(collection, id);
  let deed: Promise<void> | undefined;
  if (act.kind === 'put') deed = sync.put(collection, id, act.fields);
  else if (act.kind === 'delete') deed = sync.delete(collection, id);
  const told = (await asked) ?? 0;
  const record = await look;
  done.push({ op, told, seen: record ? { fields: record.fields, seq: record.seq } : null });
  await (deed ?? edit(device, command));
  done.push({ op, acknowledged: true });
}

async function edit(device: Device, command: Extract<Command, { c: 'do' }>): Promise<void> {
  const { collection, id, op, act } = command;
  if (act.kind !== 'insert' && act.kind !== 'cut') return;
  const key = `${collection}/${id}#${act.field}`;
  const open = act.kind === 'insert' && act.open;
  const editor =
    (open && device.editors.get(key)) || (await edits(device.sync.text(collection, id, act.field), op));
  if (open) device.editors.set(key, editor);
  const { text, doc } = editor;
  const before = Y.encodeStateVector(doc);
  const content = doc.getText(TEXT_ROOT);
  if (act.kind === 'insert') {
    // Between tokens, so that each stays whole.
    const spaces = [0, ...[...content.toString().matchAll(/;/g)].map((match) => match.index + 1)];
    content.insert(spaces[act.at % spaces.length] ?? 0, `${act.token};`);
  } else {
    const at = content.toString().indexOf(`${act.token};`);
    if (at >= 0) content.delete(at, act.token.length + 1);
  }
  await text.update(Y.encodeStateAsUpdate(doc, before));
}

async function edits(text: SyncText, op: number): Promise<Editor> {
  const doc = new Y.Doc();
  doc.clientID = op + 1;
  const state = await text.state();
  text.onUpdate((update) => Y.applyUpdate(doc, update));
  Y.applyUpdate(doc, state);
  return { text, doc };
}

async function dumps(names: string[], collections: string[]): Promise<unknown> {
  const found: Record<string, unknown> = {};
  for (const name of names) found[name] = await dump(need(name), collections);
  return found;
}

/** What is committed, also while a commit waits. */
async function dump(device: Device, collections: string[]): Promise<unknown> {
  return device.storage.survivor().transaction('readonly', async (tx) => {
    const records: unknown[] = [];
    for (const collection of collections) records.push(...(await readCollection(tx, collection)));
    const ledger = await tx.list<Entry>('ledger');
    return {
      records,
      ledger: ledger.length,
      owed: ledger.map(({ id, collection, record }) => ({ id, collection, record })),
      status: device.sync.status(),
      refused: await tx.list('refused'),
    };
  });
}

function need(name: string): Device {
  const device = devices.get(name);
  if (!device) throw new Error(`no device is called ${name}`);
  return device;
}

/** Numbers from 0 to 1, the same for the same seed. */
function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function uuid(number: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(number() * 16).toString(16));
  hex[12] = '4';
  hex[16] = '8';
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const piece = new Uint8Array(1 << 16);
const decoder = new TextDecoder();
let buffer = '';

/** Blocks until it is there: between two commands nothing moves here. Undefined at the end. */
function nextLine(): string | undefined {
  for (;;) {
    const end = buffer.indexOf('\n');
    if (end >= 0) {
      const line = buffer.slice(0, end);
      buffer = buffer.slice(end + 1);
      return line;
    }
    const size = readSync(0, piece);
    if (size === 0) return undefined;
    buffer += decoder.decode(piece.subarray(0, size), { stream: true });
  }
}

/** Promises settle before the next immediate: then nothing moves until the simulator opens a gate. */
function serve(): void {
  const line = nextLine();
  if (line === undefined) return;
  let result: unknown;
  let error: string | undefined;
  void perform(JSON.parse(line) as Command).then(
    (value) => {
      result = value;
    },
    (reason) => {
      error = String(reason?.stack ?? reason);
    },
  );
  setImmediate(() => {
    writeSync(1, `${JSON.stringify({ result, error, opened, closed, done })}\n`);
    opened = [];
    closed = [];
    done = [];
    serve();
  });
}

serve();
