import type { SyncRecord } from '../../../../kit/src/sync/types.ts';
import { BridgeError, type Install } from '../../../../sdk/src/protocol.ts';
import type { Api } from '../../deps.ts';
import { blob, handle, recordId } from '../shapes.ts';
import type { Method, Turn } from './index.ts';

const allowed: Method['allowed'] = (may) => may.has('apps:install');

export const appsMethods: Record<string, Method> = {
  'apps.list': {
    allowed,
    run: async ({ deps }) =>
      (await deps.sync.query('apps.app')).map(({ id, fields }) => ({
        id,
        label: String(fields.label ?? id),
        kind: String(fields.kind ?? ''),
        icon: String(fields.icon ?? ''),
        version: String(fields.version_name ?? ''),
        package: String(fields.package ?? ''),
        permissions: Array.isArray(fields.permissions) ? fields.permissions.map(String) : [],
        size: typeof fields.size === 'number' ? fields.size : 0,
        installedAt: Number(fields.installed_at ?? 0) || 0,
      })),
  },
  'apps.install': {
    allowed,
    run: async (turn, params) => {
      const install = handle(params, 'install');
      const show = (state: Install) => turn.emit('install', { install, ...state });
      const job = await sendPackage(turn.deps.api, blob(params, 'file'), (progress) =>
        show({ phase: 'upload', progress }),
      );
      return followInstall(turn, job, show);
    },
  },
  'apps.uninstall': {
    allowed,
    run: ({ deps }, params) => deps.api.delete(`/apps/${encodeURIComponent(recordId(params))}`),
  },
  'apps.open': {
    allowed,
    run: async ({ deps }, params) => {
      const id = recordId(params);
      if (!(await deps.sync.get('apps.app', id)))
        throw new BridgeError('not-found', 'The app is not installed.');
      deps.openApp(id);
    },
  },
};

/** Resolves with the app's id at phase `done`; rejects at `failed`, or when the record goes. */
function followInstall(turn: Turn, job: string, show: (state: Install) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = async () => {
      const record = await turn.deps.sync.get('apps.install', job);
      if (!record) return;
      const state = installOf(record);
      show(state);
      if (state.phase === 'done') end(() => resolve(state.app ?? ''));
      if (state.phase === 'failed')
        end(() => reject(new BridgeError(state.code ?? 'failed', state.message ?? '')));
    };
    const off = turn.deps.sync.subscribe('apps.install', (ids) => {
      if (ids.includes(job)) void look();
    });
    const end = (then: () => void) => {
      off();
      then();
    };
    turn.cleanup(off);
    turn.deps.sync.ring();
    void look();
  });
}

function installOf({ fields }: SyncRecord): Install {
  const state: Install = { phase: String(fields.phase ?? ''), progress: Number(fields.progress ?? 0) };
  for (const name of ['app', 'code', 'message'] as const)
    if (typeof fields[name] === 'string') state[name] = fields[name];
  return state;
}

function sendPackage(api: Api, file: Blob, onProgress: (fraction: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const name = file instanceof File ? `?name=${encodeURIComponent(file.name.slice(0, 200))}` : '';
    request.open('POST', `${api.baseUrl}/apps/packages${name}`);
    request.setRequestHeader('Authorization', `Bearer ${api.token}`);
    request.setRequestHeader('Content-Type', 'application/vnd.android.package-archive');
    request.responseType = 'json';
    request.upload.onprogress = (event) => onProgress(event.total ? event.loaded / event.total : 0);
    request.onerror = () => reject(new BridgeError('offline', 'The cloud cannot be reached.'));
    request.onload = () => {
      const answer = (request.response ?? {}) as { job?: string; code?: string; detail?: string };
      if (request.status === 202 && answer.job) resolve(answer.job);
      else reject(new BridgeError(answer.code ?? `http-${request.status}`, answer.detail ?? ''));
    };
    request.send(file);
  });
}
