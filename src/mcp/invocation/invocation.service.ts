import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';

import { HttpException, Inject, Injectable, Logger } from '@nestjs/common';
import { type CallToolResult, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

import { isObservable, lastValueFrom } from 'rxjs';

import { InsufficientScopeError } from '../../auth/auth-errors.js';
import type { Principal } from '../../auth/principal.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { CatalogService } from '../catalog/catalog.service.js';
import type { CompiledTool, InputValidation } from '../catalog/compiled-tool.js';
import { CallContext } from '../context/call-context.js';
import type { RequestContext } from '../context/request-context.js';
import { ToolError } from '../tool-error.js';
import { DeadlineError, withDeadline } from './deadline.js';
import { errorResult, toToolResult } from './tool-result.js';

/** Finds, authorizes, validates, runs and shapes: the one way in which a tool is called. */
@Injectable()
export class InvocationService {
  readonly #logger = new Logger(InvocationService.name);

  constructor(
    private readonly catalog: CatalogService,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /**
   * Checks the scopes of several calls together, before any of them runs.
   *
   * @param names the tools that a request calls; unknown ones are no matter of authorization
   * @throws {InsufficientScopeError} naming all scopes that the calls need
   */
  authorize(principal: Principal, names: readonly string[]): void {
    const needed = names.flatMap((name) => this.catalog.current.find(name)?.scopes ?? []);
    if (!principal.hasScopes(needed)) throw new InsufficientScopeError([...new Set(needed)]);
  }

  /**
   * Calls a tool. Whatever goes wrong inside it is a result with `isError`.
   *
   * @param caller fires when the caller no longer wants the outcome
   * @throws {ProtocolError} `-32602` when there is no such tool
   * @throws {InsufficientScopeError} when the caller lacks one of its scopes
   */
  async call(
    name: string,
    input: unknown,
    request: RequestContext,
    caller: AbortSignal,
  ): Promise<CallToolResult> {
    const tool = this.catalog.current.find(name);
    if (!tool)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name.slice(0, 128)}`);
    this.authorize(request.principal, [name]);

    const limit = tool.timeout ?? this.configuration.tools.timeout;
    try {
      return await withDeadline(limit, caller, async (signal) => {
        const validated = await tool.validate(input ?? {});
        if (validated.issues) return errorResult(inputProblems(name, validated.issues));
        const value = await tool.run(validated.value, new CallContext(request.principal, signal), request);
        return this.#limited(toToolResult(isObservable(value) ? await lastValueFrom(value) : value), request);
      });
    } catch (error) {
      // Nobody waits for the answer any more, and it is not the tool's failure.
      if (caller.aborted) return errorResult('The caller went away.');
      return this.#failure(tool, error);
    }
  }

  #limited(result: CallToolResult, request: RequestContext): CallToolResult {
    const size = JSON.stringify(result).length;
    const limit = this.configuration.tools.resultLimit;
    return request.admitResult(size, limit)
      ? result
      : errorResult(
          `The result is too large (${size} characters, at most ${limit} for a request). Ask for less.`,
        );
  }

  #failure(tool: CompiledTool, error: unknown): CallToolResult {
    if (error instanceof ToolError || error instanceof DeadlineError) return errorResult(error.message);
    // NestJS's own 4xx exceptions are written for the client, as those of a guard or a validating pipe.
    if (error instanceof HttpException && error.getStatus() < 500) return errorResult(error.message);

    const correlationId = randomUUID();
    const details = inspect(error, { depth: 3 });
    this.#logger.error(`Tool ${tool.definition.name} failed, correlation id ${correlationId}: ${details}`);
    return errorResult(`The tool failed unexpectedly. Correlation id: ${correlationId}`);
  }
}

function inputProblems(name: string, issues: NonNullable<InputValidation['issues']>): string {
  const lines = issues.slice(0, 20).map(({ message, path }) => {
    const where = path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
    return where ? `- ${where}: ${message}` : `- ${message}`;
  });
  return [`The arguments of ${name} are not valid. Change them and call again:`, ...lines].join('\n');
}
