import { randomUUID } from 'node:crypto';

import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  type ClientCapabilities,
  CreateMessageResultWithToolsSchema,
  ElicitResultSchema,
  ErrorCode,
  ListRootsResultSchema,
  type Notification,
  type Request,
  type ServerNotification,
  type ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import type { ClientCapabilities as DeclaredCapabilities } from '@modelcontextprotocol/server';

import type { ClientChannel } from '../context/client-channel.js';
import type { RequestContext } from '../context/request-context.js';
import { isRecord } from '../is-record.js';
import type { ResourceUse } from '../invocation/resources.service.js';

/** As in sessions of the 2025 revisions: how often a call may ask its client, and how long the client may take. */
const MOST_ROUNDS = 8;
const ROUND_TIMEOUT = 600_000;

type Extra = RequestHandlerExtra<ServerRequest | Request, ServerNotification | Notification>;
/** What a call needs of its client before it can go on. */
interface Needed {
  readonly resultType: 'input_required';
  readonly requestState?: string;
  readonly inputRequests?: Readonly<Record<string, { readonly method: string; readonly params?: unknown }>>;
}

interface Answer {
  readonly capability: 'elicitation' | 'sampling' | 'roots';
  readonly schema:
    typeof ElicitResultSchema | typeof CreateMessageResultWithToolsSchema | typeof ListRootsResultSchema;
}

/** What a client may be asked for. */
const ANSWERS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['elicitation/create', { capability: 'elicitation', schema: ElicitResultSchema }],
  ['sampling/createMessage', { capability: 'sampling', schema: CreateMessageResultWithToolsSchema }],
  ['roots/list', { capability: 'roots', schema: ListRootsResultSchema }],
]);

/** The client cannot, or does not, answer what a call asks of it. */
export class InputFailure extends Error {
  override readonly name = 'InputFailure';
  readonly code = ErrorCode.InvalidRequest;
}

/** A message, and its client as the SDK lets it be reached. */
export function useOf(
  server: Server,
  request: RequestContext,
  extra: Extra,
  { responses, state }: Pick<ClientChannel, 'responses' | 'state'> = { responses: {}, state: undefined },
): ResourceUse {
  const declared = server.getClientCapabilities();
  const channel: ClientChannel = {
    capabilities: declared && capabilitiesOf(declared),
    progressToken: extra._meta?.progressToken,
    notify: (method, params) => extra.sendNotification({ method, params: { ...params } }),
    log: (level, data, logger) => server.sendLoggingMessage({ level, data, logger }, extra.sessionId),
    responses,
    state,
  };
  return { request, channel, caller: extra.signal };
}

/**
 * Runs a call, asks the client for what it needs, and runs it again with the answers, until it needs no more.
 *
 * @param verify reads the state that a round left for the next
 * @throws {InputFailure} when the client cannot or does not answer
 */
export async function withInput<Result extends object>(
  server: Server,
  request: RequestContext,
  extra: Extra,
  run: (use: ResourceUse) => Promise<Result | Needed>,
  verify: (state: string) => Promise<unknown>,
): Promise<Result> {
  let earlier: Parameters<typeof useOf>[3];
  for (let round = 0; round <= MOST_ROUNDS; round++) {
    const outcome = await run(useOf(server, request, extra, earlier));
    if (!isNeeded(outcome)) return outcome;
    // Before the client is asked: the state outlives no question.
    const state = outcome.requestState === undefined ? undefined : await verify(outcome.requestState);
    const asked = Object.entries(outcome.inputRequests ?? {}).map(
      async ([key, { method, params }]) => [key, await ask(server, extra, method, params)] as const,
    );
    earlier = { responses: Object.fromEntries(await Promise.all(asked)), state };
  }
  throw new InputFailure('The call asks its client for more and more.');
}

/** What a handler may want to know of what the client declares, as the other major has it. */
const capabilitiesOf = ({ elicitation, sampling, roots }: ClientCapabilities): DeclaredCapabilities => ({
  ...(elicitation && {
    elicitation: { ...(elicitation.form && { form: {} }), ...(elicitation.url && { url: {} }) },
  }),
  ...(sampling && { sampling: { ...(sampling.tools && { tools: {} }) } }),
  ...(roots && { roots: {} }),
});

const isNeeded = (outcome: object): outcome is Needed =>
  'resultType' in outcome && outcome.resultType === 'input_required';

async function ask(server: Server, extra: Extra, method: string, params: unknown): Promise<unknown> {
  const answer = ANSWERS.get(method);
  if (!answer || !server.getClientCapabilities()?.[answer.capability]) {
    throw new InputFailure(`This asks the client for ${method}, which the client does not offer.`);
  }
  const needsId = isRecord(params) && params['mode'] === 'url' && params['elicitationId'] === undefined;
  const sent = needsId ? { ...params, elicitationId: randomUUID() } : params;
  try {
    return await extra.sendRequest({ method, ...(isRecord(sent) && { params: sent }) }, answer.schema, {
      timeout: ROUND_TIMEOUT,
      signal: extra.signal,
    });
  } catch (error) {
    if (extra.signal.aborted) throw error;
    throw new InputFailure(`The client did not answer ${method}.`);
  }
}
