import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { ExternalExceptionsHandler } from '@nestjs/core/exceptions/external-exceptions-handler.js';

import { Interruption } from '../../process/running-call.js';
import { settled } from './settled.js';

/** Replaces NestJS's proxy around a method with exception filters. The call's own record reports every failure. */
export const ERROR_PROXY = {
  /** Passes errors to the filters. An error stays a failure unless a filter returns or resolves to a value other than null. */
  createProxy:
    (
      target: (...args: unknown[]) => Promise<unknown>,
      filters: Pick<ExternalExceptionsHandler, 'invokeCustomFilters'>,
      type: string,
    ) =>
    async (...args: unknown[]): Promise<unknown> => {
      try {
        return await target(...args);
      } catch (error) {
        // Not a failure: the call continues with the client's answer, or has ended.
        if (error instanceof Interruption) throw error;
        const host = new ExecutionContextHost(args);
        host.setType(type);
        // NestJS takes a promise for a result, although an async filter may resolve to nothing.
        const result = await settled(filters.invokeCustomFilters(error, host));
        if (result === undefined || result === null) throw error;
        return result;
      }
    },
};
