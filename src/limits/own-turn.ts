import { callerKeysOf } from '../auth/caller-keys.js';
import type { Principal } from '../auth/principal.js';
import { TURNS } from './turns.js';

/** Waits for a turn of the caller before work that blocks the process for milliseconds. */
export function ownTurn(principal: Principal): Promise<void> {
  const { caller, group } = callerKeysOf(principal);
  return new Promise((resolve) => TURNS.add(group, caller, resolve));
}
