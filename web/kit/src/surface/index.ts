/** The live picture of an app that runs in the cloud. */

export { type Detachment, type Place, SurfaceConnection } from './connection.ts';
export { PileusSurface } from './pileus-surface.ts';
