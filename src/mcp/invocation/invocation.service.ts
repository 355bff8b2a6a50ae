import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';

import { HttpException, Inject, Injectable } from '@nestjs/common';
import { type CallToolResult, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { isObservable, lastValueFrom } from 'rxjs';

import type { Decision } from '../../auth/access/access-rule.js';
import { InsufficientScopeError } from '../../auth/auth-errors.js';
import type { Principal } from '../../auth/principal.js';
import { ProtectedResource } from '../../auth/protected-resource.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { callerFields } from '../../logging/caller-fields.js';
import { elapsedSince } from '../../logging/elapsed.js';
import { LOG, type Log } from '../../logging/log.js';
import { requestIdOf } from '../../logging/request-id.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import type { CompiledTool, InputValidation } from '../catalog/compiled-tool.js';
import { CallContext } from '../context/call-context.js';
import type { RequestContext } from '../context/request-context.js';
import { isRecord } from '../is-record.js';
import { ToolError } from '../tool-error.js';
import { DeadlineError, withDeadline } from './deadline.js';
import { errorResult, toToolResult } from './tool-result.js';

/** Finds, authorizes, validates, runs and shapes: the one way in which a tool is called. */
@Injectable()
export class InvocationService {
  constructor(
    private readonly authorization: AuthorizationService,
    private readonly resource: ProtectedResource,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /**
   * Calls a tool. Whatever goes wrong inside it is a result with `isError`, and so is a call that is not allowed:
   * where a missing scope is to be answered with a challenge, the request has been already.
   *
   * @param caller fires when the caller no longer wants the outcome
   * @throws {ProtocolError} `-32602` when there is no such tool, or none that the caller may know of
   */
  async call(
    name: string,
    input: unknown,
    request: RequestContext,
    caller: AbortSignal,
  ): Promise<CallToolResult> {
    const start = performance.now();
    const found = this.authorization.find(request.principal, name);
    if (!found) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name.slice(0, 128)}`);
    }
    const { tool, decision } = found;
    const { result, ...details } =
      this.#refusal(decision) ?? (await this.#attempt(tool, input, request, caller));
    this.log[details.error === undefined ? 'info' : 'error'](
      {
        requestId: requestIdOf(request.request),
        ...callerFields(request.principal),
        method: 'tools/call',
        tool: name,
        outcome: outcomeOf(result, details.reason),
        ...details,
        durationMs: elapsedSince(start),
      },
      'call',
    );
    return result;
  }

  #refusal(decision: Decision): Outcome | undefined {
    switch (decision.outcome) {
      case 'allowed':
        return undefined;
      case 'forbidden':
        return { result: errorResult(decision.explanation), reason: 'forbidden' };
      case 'insufficient_scope': {
        const error = new InsufficientScopeError(decision.scopes);
        return {
          result: {
            ...errorResult(`${error.description} Sign in again and grant what is missing.`),
            // Where some hosts look for it, to offer their user a sign-in.
            _meta: { 'mcp/www_authenticate': [this.resource.challengeFor(error)] },
          },
          reason: 'insufficient_scope',
        };
      }
      default:
        return decision satisfies never;
    }
  }

  async #attempt(
    tool: CompiledTool,
    input: unknown,
    request: RequestContext,
    caller: AbortSignal,
  ): Promise<Outcome> {
    const limit = tool.timeout ?? this.configuration.tools.timeout;
    const deadline = performance.now() + limit;
    try {
      return await withDeadline(limit, caller, async (signal) => {
        const validated = await tool.validate(input ?? {});
        if (validated.issues) {
          const problems = inputProblems(tool.definition.name, validated.issues);
          return { result: errorResult(problems), reason: 'invalid_input' };
        }
        if (namesAnotherOrganization(tool, validated.value, request.principal)) {
          const text = `The argument ${tool.organizationArgument} may only name your own organisation, or be left out.`;
          return { result: errorResult(text), reason: 'forbidden' };
        }
        const value = await tool.run(
          validated.value,
          new CallContext(request.principal, signal, deadline),
          request,
        );
        const result = toToolResult(isObservable(value) ? await lastValueFrom(value) : value);
        return this.#limited(result, request);
      });
    } catch (error) {
      // Nobody waits for the answer any more, and it is not the tool's failure.
      if (caller.aborted) return { result: errorResult('The caller went away.'), reason: 'cancelled' };
      return failure(error);
    }
  }

  #limited(result: CallToolResult, request: RequestContext): Outcome {
    const size = JSON.stringify(result).length;
    const limit = this.configuration.tools.resultLimit;
    if (request.admitResult(size, limit))
      return result.isError ? { result, reason: 'tool_error' } : { result };
    const text = `The result is too large (${size} characters, at most ${limit} for a request). Ask for less.`;
    return { result: errorResult(text), reason: 'result_too_large' };
  }
}

/** Whether the argument that is bound to the caller's organisation says something else. */
function namesAnotherOrganization(
  { organizationArgument }: CompiledTool,
  input: unknown,
  { organizationId }: Principal,
): boolean {
  if (organizationArgument === undefined || !isRecord(input)) return false;
  const named = input[organizationArgument];
  return named !== undefined && named !== organizationId;
}

function outcomeOf({ isError }: CallToolResult, reason: string | undefined): 'ok' | 'denied' | 'failed' {
  if (!isError) return 'ok';
  return reason === 'forbidden' || reason === 'insufficient_scope' ? 'denied' : 'failed';
}

/** What came of a call: for the caller, and for the log. */
interface Outcome {
  readonly result: CallToolResult;
  /** Why it failed, in one word. */
  readonly reason?: string;
  readonly correlationId?: string;
  /** What only the log may know. */
  readonly error?: string;
}

function failure(error: unknown): Outcome {
  if (error instanceof ToolError) return { result: errorResult(error.message), reason: 'tool_error' };
  if (error instanceof DeadlineError) return { result: errorResult(error.message), reason: 'timeout' };
  // NestJS's own 4xx exceptions are written for the client, as those of a guard or a validating pipe.
  if (error instanceof HttpException && error.getStatus() < 500) {
    return { result: errorResult(error.message), reason: `http_${error.getStatus()}` };
  }
  const correlationId = randomUUID();
  return {
    result: errorResult(`The tool failed unexpectedly. Correlation id: ${correlationId}`),
    reason: 'unexpected',
    correlationId,
    error: traceOf(error),
  };
}

/** The stacks of an error and its causes; not their further members, which may hold requests with credentials. */
function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : inspect(error, { depth: -1 });
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\nCaused by: ${traceOf(error.cause)}`;
}

function inputProblems(name: string, issues: NonNullable<InputValidation['issues']>): string {
  const lines = issues.slice(0, 20).map(({ message, path }) => {
    const where = path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
    return where ? `- ${where}: ${message}` : `- ${message}`;
  });
  return [`The arguments of ${name} are not valid. Change them and call again:`, ...lines].join('\n');
}
