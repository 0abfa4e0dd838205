import { expect, test } from 'vitest';
import { pieces } from '../src/links.ts';

/** The addresses, and whether nothing of the text is lost. */
function links(text: string): string[] {
  const found = pieces(text);
  expect(found.map((one) => one.text).join('')).toBe(text);
  return found.filter((one) => one.href).map((one) => one.text);
}

test('addresses are found in sentences, without what ends them', () => {
  expect(links('See https://example.org/a_(b)?q=1#c.')).toEqual(['https://example.org/a_(b)?q=1#c']);
  expect(links('(http://example.org/x), HTTPS://EXAMPLE.ORG!')).toEqual([
    'http://example.org/x',
    'HTTPS://EXAMPLE.ORG',
  ]);
  expect(links('看https://example.cn/a这里，还有“https://example.org/西湖”')).toEqual([
    'https://example.cn/a',
    'https://example.org/',
  ]);
  expect(links('https://example.org:8443/ and http://127.0.0.1/')).toHaveLength(2);
  expect(links('nothing: example.org, ftp://example.org, javascript:alert(1), https://')).toEqual([]);
});

test('what is read is where it leads', () => {
  expect(pieces('https://xn--e1afmkfd.xn--p1ai/')[0]).toEqual({
    text: 'https://xn--e1afmkfd.xn--p1ai/',
    href: 'https://xn--e1afmkfd.xn--p1ai/',
  });
  for (const text of [
    'https://bank.example@evil.example/', // a name before the host
    'https://bank.example%2eevil.example/', // a host that is another when it is read as one
    'http://0x7f.1/',
    'https://b\u0430nk.example/', // a Cyrillic letter
    'https://bank.example.\u0430.ru/',
    'https://bank\u202e.example/', // turns what follows
    'https://bank\u200b.example/',
    'https://local/',
  ])
    expect(links(text), text).toEqual([]);
});

test('what is made to be slow is read once', () => {
  const most = 65_536;
  for (const tail of [
    ')'.repeat(most),
    `${'.'.repeat(most)}x`,
    `${'(.'.repeat(most / 2)}`,
    `${').'.repeat(most / 2)}x`,
  ])
    expect(links(`https://a.b/${tail}`)).toEqual([]);
  expect(links('https://a.b/) '.repeat(4000))).toHaveLength(4000);
  expect(links(`https://a.b/${'.'.repeat(1900)}`)).toEqual(['https://a.b/']);
  expect(links(`https://a.b/${')'.repeat(1900)}`)).toEqual(['https://a.b/']);
  expect(links(`https://a.b/${'x'.repeat(2000)}`)).toEqual([]);
});

test('brackets that an address opens stay, those of the sentence go', () => {
  expect(links('(see https://a.b/x_(y)).')).toEqual(['https://a.b/x_(y)']);
  expect(links('[https://a.b/[x](y)].')).toEqual(['https://a.b/[x](y)']);
  expect(links('https://a.b/x).]')).toEqual(['https://a.b/x']);
});

test('letters that fold to ASCII are none', () => {
  for (const text of [
    'http\u017f://evil.example/',
    'https://ban\u212a.example/x',
    'https://ban\u017f.example/',
  ])
    expect(links(text)).toEqual([]);
});
