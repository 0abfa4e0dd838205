/** The kit: what the shell and every app of the phone is made of. */

export * from './elements/app-icon.ts';
export * from './elements/avatar.ts';
export * from './elements/button.ts';
export * from './elements/dial-pad.ts';
export * from './elements/empty.ts';
export * from './elements/field.ts';
export * from './elements/icon.ts';
export * from './elements/menu.ts';
export * from './elements/segments.ts';
export * from './elements/select.ts';
export * from './elements/skipped.ts';
export * from './elements/sure.ts';
export * from './elements/undo.ts';
export * from './i18n/index.ts';
export { appIcon, iconColour } from './icons/apps.ts';
export { type GlyphName, glyph } from './icons/glyphs.ts';
export { superellipse } from './icons/mask.ts';
export * from './people/contact.ts';
export * from './people/person.ts';
export { rereads } from './rereads.ts';
export { saveAs } from './save.ts';
export * from './theme/motion.ts';
export * from './theme/theme.ts';
export { wear } from './theme/wear.ts';
