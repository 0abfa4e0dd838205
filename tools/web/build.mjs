/** Builds the shell and every packaged web app, each with a service worker that keeps it usable offline. */

import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { generateSW } from 'workbox-build';
import { drawIcons } from './icons.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const WEB = join(ROOT, 'web');
const DIST = join(WEB, 'dist');
const only = process.argv.slice(2);

const apps = existsSync(join(WEB, 'apps'))
  ? (await readdir(join(WEB, 'apps'), { withFileTypes: true }))
      .filter((entry) => entry.isDirectory() && existsSync(join(WEB, 'apps', entry.name, 'index.html')))
      .map((entry) => entry.name)
      .sort()
  : [];
const parts = [
  { name: 'shell', source: join(WEB, 'shell'), target: join(DIST, 'shell'), icon: 'pileus' },
  ...apps.map((id) => ({
    name: id,
    source: join(WEB, 'apps', id),
    target: join(DIST, 'apps', id),
    icon: id,
  })),
];

for (const part of parts) if (only.length === 0 || only.includes(part.name)) await buildPart(part);

async function buildPart({ name, source, target, icon }) {
  await rm(target, { recursive: true, force: true });
  await build({
    root: source,
    base: '/',
    configFile: false,
    logLevel: 'warn',
    cacheDir: join(ROOT, 'node_modules', '.vite', name),
    build: {
      outDir: target,
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2000,
      rolldownOptions: { output: { assetFileNames: assetName } },
    },
    plugins: [workerScript()],
  });
  const manifest = join(source, 'manifest.webmanifest');
  if (existsSync(manifest)) await cp(manifest, join(target, 'manifest.webmanifest'));
  await drawIcons(iconOf(source, icon), target);
  const push = join(source, 'src/push/worker.ts');
  const more = existsSync(push) ? [await workerPart(push, target)] : [];
  const worker = await serviceWorker(target, more);
  console.log(
    `${name}: ${relative(ROOT, target)} (${worker.count} files offline, ${Math.round(worker.size / 1024)} KiB)`,
  );
}

/** A part of the service worker as one file of its own, since a worker's imports are scripts; gives its name. */
async function workerPart(entry, target) {
  const name = 'push-worker.js';
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: {
      outDir: target,
      emptyOutDir: false,
      target: 'es2022',
      lib: { entry, formats: ['iife'], name: 'push', fileName: () => name },
    },
  });
  return name;
}

/** An app's own icon.svg, else the kit's of the same name. */
function iconOf(source, icon) {
  const places = [
    join(source, 'icon.svg'),
    join(source, 'public', 'icon.svg'),
    join(WEB, 'kit/src/icons/apps', `${icon}.svg`),
  ];
  return places.find(existsSync) ?? join(WEB, 'kit/src/icons/apps/pileus.svg');
}

function assetName(asset) {
  return asset.names?.[0]?.endsWith('.woff2')
    ? 'fonts/[name]-[hash][extname]'
    : 'assets/[name]-[hash][extname]';
}

/** A file of its own, since a strict content security policy forbids inline scripts. */
function workerScript() {
  const source = `if ('serviceWorker' in navigator) {\n  addEventListener('load', () => {\n    navigator.serviceWorker.register('/sw.js').catch(() => undefined);\n  });\n}\n`;
  return {
    name: 'pileus-worker',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'register.js', source });
    },
    transformIndexHtml: {
      order: 'post',
      handler: () => [{ tag: 'script', attrs: { src: '/register.js', defer: true }, injectTo: 'head' }],
    },
  };
}

/** Everything is kept at install but the fonts of other scripts, which are kept when first used. */
async function serviceWorker(target, parts) {
  await mkdir(target, { recursive: true });
  const { count, size, warnings } = await generateSW({
    globDirectory: target,
    globPatterns: ['**/*'],
    globIgnores: ['sw.js', ...parts, 'fonts/noto-*', 'fonts/inter-{cyrillic,greek,vietnamese}*', '**/*.map'],
    swDest: join(target, 'sw.js'),
    importScripts: parts.map((name) => `/${name}`),
    mode: 'production',
    sourcemap: false,
    inlineWorkboxRuntime: true,
    skipWaiting: true,
    clientsClaim: true,
    cleanupOutdatedCaches: true,
    maximumFileSizeToCacheInBytes: 12 * 1024 * 1024,
    navigateFallback: '/index.html',
    navigateFallbackDenylist: [/^\/api\//, /^\/surface/],
    runtimeCaching: [
      {
        urlPattern: /\/fonts\/.*\.woff2$/,
        handler: 'CacheFirst',
        options: { cacheName: 'fonts', expiration: { maxEntries: 160 } },
      },
    ],
  });
  for (const warning of warnings) console.warn(warning);
  const script = join(target, 'sw.js');
  await writeFile(script, (await readFile(script, 'utf8')).replaceAll(ROOT, ''));
  return { count, size };
}
