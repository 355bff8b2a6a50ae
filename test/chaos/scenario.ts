import { join } from 'node:path';

import type { World } from './world.js';

/** Folder of programs that were downloaded because they are not installed. */
export const TEST_SERVERS = join(import.meta.dirname, '../../.cache/test-servers');

/** Fault, and how the server must take it. */
export interface Scenario {
  readonly fault: string;
  readonly expected: string;
  /** Causes the fault. Returns what was seen, or undefined if this machine cannot have the fault. Throws on a miss. */
  readonly run: (world: World) => Promise<string | undefined>;
}

export function expect(holds: boolean, seen: string): void {
  if (!holds) throw new Error(seen);
}
