import type { Organization } from '../../auth/organization.js';
import type { Principal } from '../../auth/principal.js';
import { organizationOf } from './caller.js';

/** What a tool may ask of the call it serves: its second parameter. */
export class CallContext {
  constructor(
    /** Who is calling. */
    readonly principal: Principal,
    /** Fires when the deadline passes and, since MCP 2026-07-28, when the caller goes away. */
    readonly signal: AbortSignal,
    /** When the call's time is over, as `performance.now()` tells time, milliseconds. */
    readonly deadline: number,
  ) {}

  /**
   * The caller's organisation.
   *
   * @throws {ToolError} when the token names none
   */
  get organization(): Organization {
    return organizationOf(this.principal);
  }
}
