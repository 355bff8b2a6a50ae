import { callerKeysOf } from '../../auth/caller-keys.js';
import type { Principal } from '../../auth/principal.js';
import { TURNS } from '../../limits/turns.js';

/** Waits for a turn of the caller, for something that keeps the process busy for milliseconds. */
export function ownTurn(principal: Principal): Promise<void> {
  const { caller, organization = caller } = callerKeysOf(principal);
  return new Promise((resolve) => TURNS.add(organization, caller, resolve));
}
