import { randomUUID } from 'node:crypto';

import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  type ClientCapabilities,
  CreateMessageResultWithToolsSchema,
  ElicitResultSchema,
  ErrorCode,
  type JSONRPCErrorResponse,
  ListRootsResultSchema,
  McpError,
  type Notification,
  type Request,
  type RequestId,
  type ServerNotification,
  type ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import type { ClientCapabilities as DeclaredCapabilities } from '@modelcontextprotocol/server';

import type { ClientChannel } from '../context/client-channel.js';
import { progressOf } from '../context/progress.js';
import { admittedIn } from '../admission/admitted-messages.js';
import { isRecord } from '../../values/is-record.js';
import { recordIn } from '../../values/record-in.js';
import type { CallOrigin } from '../invocation/call.js';

/** Limits on the questions of a call to its client, the same as in the sessions of Streamable HTTP. */
const MAX_ROUNDS = 8;
const ROUND_TIMEOUT_MS = 600_000;

type Extra = RequestHandlerExtra<ServerRequest | Request, ServerNotification | Notification>;
/** Input that a call requires from its client before it can continue. */
interface Needed {
  readonly resultType: 'input_required';
  readonly requestState?: string;
  readonly inputRequests?: Questions;
}

type Questions = Readonly<Record<string, { readonly method: string; readonly params?: unknown }>>;

interface Answer {
  readonly capability: 'elicitation' | 'sampling' | 'roots';
  readonly schema:
    typeof ElicitResultSchema | typeof CreateMessageResultWithToolsSchema | typeof ListRootsResultSchema;
}

/** Requests to the client, with the required capability and the schema of the result. */
const ANSWERS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ['elicitation/create', { capability: 'elicitation', schema: ElicitResultSchema }],
  ['sampling/createMessage', { capability: 'sampling', schema: CreateMessageResultWithToolsSchema }],
  ['roots/list', { capability: 'roots', schema: ListRootsResultSchema }],
]);

/** Thrown when the client cannot or does not answer a question of a call. */
export class InputFailure extends Error {
  override readonly name = 'InputFailure';
  readonly code = ErrorCode.InvalidRequest;
}

/** Returns the origin of a call in one round. */
export function originOfRound(
  server: Server,
  extra: Extra,
  { responses, state }: Pick<ClientChannel, 'responses' | 'state'> = { responses: {}, state: undefined },
): CallOrigin {
  const declared = server.getClientCapabilities();
  const channel: ClientChannel = {
    capabilities: declared && capabilitiesOf(declared),
    progress: progressOf(extra.signal, extra._meta?.progressToken),
    notify: (method, params) => extra.sendNotification({ method, params: { ...params } }),
    log: (level, data, logger) => server.sendLoggingMessage({ level, data, logger }, extra.sessionId),
    responses,
    state,
    meta: extra._meta,
  };
  return { request: admittedIn(extra.authInfo).context, channel, caller: extra.signal };
}

/**
 * Runs a call. If it requires input, asks the client and runs the call again with the answers, until it is complete.
 *
 * @param verify verifies and reads the state that a round left for the next
 * @throws {InputFailure} when the client cannot or does not answer
 */
export async function withInput<Result extends object>(
  server: Server,
  extra: Extra,
  run: (origin: CallOrigin) => Promise<Result | Needed>,
  verify: (state: string) => Promise<unknown>,
): Promise<Result> {
  let earlier: Parameters<typeof originOfRound>[2];
  for (let round = 0; ; round++) {
    const outcome = await run(originOfRound(server, extra, earlier));
    if (!isNeeded(outcome)) return outcome;
    if (round === MAX_ROUNDS) throw new InputFailure('The call requires too many rounds of client input.');
    // Verified before the client is asked, because the state may expire while the question is open.
    const state = outcome.requestState === undefined ? undefined : await verify(outcome.requestState);
    earlier = { responses: await askAll(server, extra, outcome.inputRequests ?? {}), state };
  }
}

/** Converts the client capabilities to SDK v2 types. */
const capabilitiesOf = ({ elicitation, sampling, roots }: ClientCapabilities): DeclaredCapabilities => ({
  ...(elicitation && {
    elicitation: { ...(elicitation.form && { form: {} }), ...(elicitation.url && { url: {} }) },
  }),
  ...(sampling && { sampling: { ...(sampling.tools && { tools: {} }) } }),
  ...(roots && { roots: {} }),
});

const isNeeded = (outcome: object): outcome is Needed =>
  'resultType' in outcome && outcome.resultType === 'input_required';

/** Returns whether a client declares what a question needs. Elicitation without a mode is elicitation with a form. */
function supports(
  { elicitation, sampling, roots }: ClientCapabilities,
  capability: Answer['capability'],
  params: unknown,
): boolean {
  const asked = recordIn(params);
  switch (capability) {
    case 'elicitation':
      return asked['mode'] === 'url'
        ? elicitation?.url !== undefined
        : elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
    case 'sampling':
      return (
        sampling !== undefined &&
        (sampling.tools !== undefined || (asked['tools'] === undefined && asked['toolChoice'] === undefined))
      );
    case 'roots':
      return roots !== undefined;
    default:
      return capability satisfies never;
  }
}

/** Asks all questions of a round. If one fails or the call is cancelled, withdraws those that are still open. */
async function askAll(server: Server, extra: Extra, questions: Questions): Promise<Record<string, unknown>> {
  extra.signal.throwIfAborted();
  const open = new Set<AbortController>();
  const withdraw = (reason: unknown): void => {
    for (const controller of open) controller.abort(reason);
  };
  const onAbort = (): void => withdraw(extra.signal.reason);
  extra.signal.addEventListener('abort', onAbort, { once: true });
  const asked = Object.entries(questions).map(async ([key, { method, params }]) => {
    // One for each question: the SDK withdraws a question even after its answer.
    const controller = new AbortController();
    open.add(controller);
    try {
      return [key, await ask(server, extra, method, params, controller.signal)] as const;
    } finally {
      open.delete(controller);
    }
  });
  try {
    return Object.fromEntries(await Promise.all(asked));
  } catch (error) {
    withdraw(error);
    throw error;
  } finally {
    extra.signal.removeEventListener('abort', onAbort);
  }
}

async function ask(
  server: Server,
  extra: Extra,
  method: string,
  params: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  const answer = ANSWERS.get(method);
  if (!answer || !supports(server.getClientCapabilities() ?? {}, answer.capability, params)) {
    throw new InputFailure(`The call requires ${method}, which the client does not support.`);
  }
  const needsId = isRecord(params) && params['mode'] === 'url' && params['elicitationId'] === undefined;
  const sent = needsId ? { ...params, elicitationId: randomUUID() } : params;
  try {
    return await extra.sendRequest({ method, ...(isRecord(sent) && { params: sent }) }, answer.schema, {
      timeout: ROUND_TIMEOUT_MS,
      signal,
    });
  } catch (error) {
    if (extra.signal.aborted) throw error;
    const refusal = error instanceof McpError && error.data instanceof Error ? error.data : undefined;
    throw new InputFailure(refusal?.message ?? `The client did not answer ${method}.`);
  }
}

/** Returns the response that tells the SDK why a question was not sent. The SDK would keep a question that fails. */
export const notSent = (id: RequestId, refusal: Error): JSONRPCErrorResponse => ({
  jsonrpc: '2.0',
  id,
  error: { code: ErrorCode.InvalidRequest, message: refusal.message, data: refusal },
});
