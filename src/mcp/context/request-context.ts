import { type ContextId, ContextIdFactory, type ModuleRef } from '@nestjs/core';
import type { Request } from 'express';

import type { Principal } from '../../auth/principal.js';
import type { IdentifiedRequest } from '../../logging/request-id.js';

/** One HTTP request: its caller, and what all calls of a batch have in common. */
export class RequestContext {
  #contextId: ContextId | undefined;
  #resultSize = 0;

  constructor(
    readonly principal: Principal,
    readonly request: Request & IdentifiedRequest,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** NestJS's context for the providers made for this request alone; made when the first one is wanted. */
  get contextId(): ContextId {
    if (!this.#contextId) {
      this.#contextId = ContextIdFactory.create();
      this.moduleRef.registerRequestByContextId(this.request, this.#contextId);
    }
    return this.#contextId;
  }

  /** Counts a result in if all results of the request together stay within the limit. */
  admitResult(size: number, limit: number): boolean {
    if (this.#resultSize + size > limit) return false;
    this.#resultSize += size;
    return true;
  }
}
