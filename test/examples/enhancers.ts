import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';

import { type CallContext, ToolError } from '../../src/mcp/index.js';

/** Names of the offers that are switched off. */
@Injectable()
export class Switches {
  readonly off = new Set<string>();
}

@Injectable()
export class SwitchGuard implements CanActivate {
  constructor(private readonly switches: Switches) {}

  canActivate(context: ExecutionContext): boolean {
    const { offer } = context.getArgByIndex<CallContext>(3);
    if (!this.switches.off.has(offer.name)) return true;
    throw new ToolError(`${offer.name} is switched off. Try again later.`);
  }
}
