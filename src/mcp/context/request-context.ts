import { type ContextId, ContextIdFactory, type ModuleRef } from '@nestjs/core';
import type { Request } from 'express';

import type { Principal } from '../../auth/principal.js';

/** One HTTP request: its caller, and NestJS's context for the providers made for it alone. */
export class RequestContext {
  #contextId: ContextId | undefined;

  constructor(
    readonly principal: Principal,
    private readonly request: Request,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** The same for every call of a batch; made when the first request-scoped provider is wanted. */
  get contextId(): ContextId {
    if (!this.#contextId) {
      this.#contextId = ContextIdFactory.create();
      this.moduleRef.registerRequestByContextId(this.request, this.#contextId);
    }
    return this.#contextId;
  }
}
