/** PNG icons of an installed app, drawn from its SVG. */

import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

const wasm = createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm');
let ready;

/** Writes icon.svg, icon-192.png, icon-512.png (in the superellipse) and icon-maskable-512.png (full, form smaller). */
export async function drawIcons(source, target) {
  ready ??= initWasm(await readFile(wasm));
  await ready;
  const full = await readFile(source, 'utf8');
  const body = full.replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '');
  const masked = svg(
    `<clipPath id="mask"><path d="${superellipse(96)}"/></clipPath><g clip-path="url(#mask)">${body}</g>`,
  );
  await writeFile(join(target, 'icon.svg'), masked);
  await writeFile(join(target, 'icon-192.png'), draw(masked, 192));
  await writeFile(join(target, 'icon-512.png'), draw(masked, 512));
  await writeFile(join(target, 'icon-maskable-512.png'), draw(svg(body), 512));
}

function svg(body) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">${body}</svg>\n`;
}

function draw(source, size) {
  return new Resvg(source, { fitTo: { mode: 'width', value: size } }).render().asPng();
}

function superellipse(size) {
  const bend = (value) => Math.sign(value) * Math.abs(value) ** (2 / 5);
  const at = (value) => ((size / 2) * (1 + value)).toFixed(3);
  const points = Array.from({ length: 64 }, (_, index) => (2 * Math.PI * index) / 64);
  return `M${points.map((angle) => `${at(bend(Math.cos(angle)))} ${at(bend(Math.sin(angle)))}`).join('L')}Z`;
}
