import { Injectable } from '@nestjs/common';
import {
  type CallToolResult,
  type InputRequiredResult,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';

import type { Decision } from '../../auth/access/access-rule.js';
import { InsufficientScopeError } from '../../auth/auth-errors.js';
import type { Principal } from '../../auth/principal.js';
import { ProtectedResource } from '../../auth/protected-resource.js';
import type { AskedTool } from '../authorization/authorization.service.js';
import { keptScopes } from '../authorization/kept-scopes.js';
import type { RequestContext } from '../context/request-context.js';
import type { CompiledTool } from '../catalog/compiled-tool.js';
import type { CallContext } from '../context/call-context.js';
import { isRecord } from '../../values/is-record.js';
import { validated } from '../failures/input-problems.js';
import type { Call } from './call.js';
import { InvocationService } from './invocation.service.js';
import { ResultLimit } from './result-limit.js';
import { inOwnWords } from '../failures/protocol-failure.js';
import { Refusal, requireAllowed } from '../failures/refusal.js';
import { toLegacyResult } from './legacy-result.js';
import { errorResult, toToolResult } from './tool-result.js';

/** Call of a tool. */
export type ToolCall = Omit<Call, 'method' | 'offer'> & {
  /** Name in the message. */
  readonly name: string;
  /** Tool with this name; undefined if it does not exist or is hidden from the caller. */
  readonly asked: AskedTool | undefined;
  /** Whether the request belongs to the legacy era. */
  readonly isLegacy: boolean;
};

/** Calls tools. */
@Injectable()
export class ToolCalls {
  constructor(
    private readonly invocation: InvocationService,
    private readonly results: ResultLimit,
    private readonly resource: ProtectedResource,
  ) {}

  /**
   * Calls a tool. A failure of the tool becomes a result with `isError`, and so does a denied call. A missing scope that
   * needs an HTTP challenge has already been answered at the transport.
   *
   * @throws {ProtocolError} `-32602` when the tool does not exist or is hidden from the caller
   */
  async call({ name, asked, isLegacy, ...call }: ToolCall): Promise<CallToolResult | InputRequiredResult> {
    if (!asked) {
      throw inOwnWords(ProtocolErrorCode.InvalidParams, `Unknown tool: ${name.slice(0, 128)}`);
    }
    const { offer: tool, decision } = asked;
    const outcome = await this.invocation.perform({ ...call, method: 'tools/call', offer: tool }, (context) =>
      this.#run(tool, decision, call, context),
    );
    if ('result' in outcome) return isLegacy ? toLegacyResult(outcome.result, tool) : outcome.result;
    if ('needed' in outcome) return outcome.needed;
    return decision.outcome === 'insufficient_scope'
      ? this.#challenged(outcome.failure.message, decision.scopes, call.request)
      : errorResult(outcome.failure.message);
  }

  async #run(
    tool: CompiledTool,
    decision: Decision,
    { input, request }: Pick<ToolCall, 'input' | 'request'>,
    context: CallContext,
  ): Promise<CallToolResult> {
    requireAllowed(decision);
    const value = await validated(tool.validate, input ?? {}, `The arguments of ${tool.name}`);
    requireOwnOrganization(tool, input, value, request.principal);
    const result = await toToolResult(await tool.run(value, context, request), tool);
    return this.results.admit(result, request);
  }

  /** Adds the challenge to `_meta`, where some hosts look for it to offer a sign-in. */
  #challenged(
    text: string,
    scopes: readonly string[],
    { principal, request }: RequestContext,
  ): CallToolResult {
    const kept = keptScopes(principal, request.headers);
    const challenge = this.resource.challengeFor(
      new InsufficientScopeError(scopes, kept),
      request.headers.host,
    );
    return { ...errorResult(text), _meta: { 'mcp/www_authenticate': [challenge] } };
  }
}

/**
 * Refuses an argument that names an organization other than the caller's.
 *
 * @param sent the arguments as the client sent them, in which a schema may have renamed the argument
 * @param value the validated arguments, in which a schema may have normalized the argument
 */
function requireOwnOrganization(
  { organizationArgument }: CompiledTool,
  sent: unknown,
  value: unknown,
  { organizationId }: Principal,
): void {
  if (organizationArgument === undefined) return;
  const validatedName = isRecord(value) ? value[organizationArgument] : undefined;
  // Validation removes a null that means an absent argument.
  const sentName = isRecord(sent) ? (sent[organizationArgument] ?? undefined) : undefined;
  const named = validatedName === undefined ? sentName : validatedName;
  if (named === undefined || named === organizationId) return;
  if (typeof named === 'number' && Number.isSafeInteger(named) && String(named) === organizationId) return;
  throw new Refusal(
    `The argument ${organizationArgument} may only name your own organization. Correct or omit it.`,
    'forbidden',
  );
}
