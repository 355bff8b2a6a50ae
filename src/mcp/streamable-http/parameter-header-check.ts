import type { AdmittedMessages } from '../admission/admitted-messages.js';
import { answerIdOf } from '../admission/message.js';
import { parameterHeaderProblem } from '../catalog/parameter-headers.js';
import { isRecord } from '../../values/is-record.js';
import { HEADER_MISMATCH } from '../wire/error-reason.js';
import { JsonRpcError } from '../wire/json-rpc-error.js';

/** @throws {JsonRpcError} 400 when a header does not match the argument that it repeats */
export function requireParameterHeaders({ messages, context: { request } }: AdmittedMessages): void {
  for (const { asked, body, isIndirect } of messages) {
    if (asked?.kind !== 'tool' || asked.offer.parameterHeaders.length === 0 || !isRecord(body)) continue;
    const { params } = body;
    const input = isRecord(params) ? params['arguments'] : undefined;
    // A client that calls a tool with `call_tool` does not know of its headers, but must not contradict them.
    const declared = isIndirect
      ? asked.offer.parameterHeaders.filter(({ header }) => request.get(header) !== undefined)
      : asked.offer.parameterHeaders;
    const problem = parameterHeaderProblem(declared, input, (name) => request.get(name));
    if (problem === undefined) continue;
    throw new JsonRpcError(
      'header_mismatch',
      400,
      HEADER_MISMATCH,
      problem,
      {},
      { id: answerIdOf(messages) },
    );
  }
}
