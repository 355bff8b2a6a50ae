import { message, MODERN, MODERN_ENVELOPE, post, postLegacy, postModern, toolCall } from '../support/rpc.js';
import { type Ending, MISBEHAVIORS } from './misbehaviors.js';

/** A caller, and the organization that it belongs to. */
export interface Caller {
  readonly token: string;
  readonly organization: string;
}

type Send = (url: string, token: string, name: string, nonce: string) => Promise<Response>;

const encoded = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`;

/** Ways of calling the server without a session. */
const WAYS: readonly Send[] = [
  (url, token, name, nonce) => postModern(url, token, toolCall(name, { nonce })),
  (url, token, name, nonce) => postLegacy(url, token, toolCall(name, { nonce })),
  // The SDK's own handler serves unusual requests.
  (url, token, name, nonce) =>
    postModern(url, token, toolCall(name, { nonce }), { 'mcp-name': encoded(name) }),
  (url, token, name, nonce) => {
    const { params } = toolCall(name, { nonce });
    const asking = {
      ...MODERN_ENVELOPE,
      'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
    };
    const body = message({
      method: 'tools/call',
      params: { ...params, _meta: { ...asking, progressToken: 7 } },
    });
    return post(url, token, body, {
      'mcp-protocol-version': MODERN,
      'mcp-method': 'tools/call',
      'mcp-name': name,
    });
  },
  (url, token, name, nonce) => {
    const batch = [message(toolCall(name, { nonce })), message({ method: 'ping', id: 2 })];
    return post(url, token, batch, { 'mcp-protocol-version': '2025-03-26' });
  },
];

const NAMES = Object.keys(MISBEHAVIORS);

/**
 * Sends mixed calls concurrently and checks each response.
 *
 * @returns faults of the responses
 */
export async function sendCalls(
  url: string,
  callers: readonly Caller[],
  calls: number,
  concurrency = 32,
): Promise<string[]> {
  const faults: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < calls) {
      const number = next++;
      const name = NAMES[number % NAMES.length]!;
      const caller = callers[Math.floor(number / NAMES.length) % callers.length]!;
      const send = WAYS[Math.floor(number / NAMES.length / callers.length) % WAYS.length]!;
      const nonce = `nonce-${number}-${Math.random()}`;
      try {
        const response = await send(url, caller.token, name, nonce);
        const fault = faultOf(name, await response.text(), caller, nonce);
        if (fault !== undefined) faults.push(`${name}, call ${number}: ${response.status} ${fault}`);
      } catch (error) {
        faults.push(`${name}, call ${number}: ${String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return faults;
}

/** Describes the fault of a response; undefined if correct. */
function faultOf(name: string, text: string, { organization }: Caller, nonce: string): string | undefined {
  const shown = text.slice(0, 300);
  const isForeign = [...text.matchAll(/nonce-[\d.-]+|org_\w+/g)].some(
    ([found]) => found !== nonce && found !== organization,
  );
  if (isForeign) return `crosses over: ${shown}`;
  const hasProof = text.includes(`${organization} ${nonce}`);
  const isError = text.includes('"isError":true');
  const isRight: Readonly<Record<Ending, boolean>> = {
    proof: hasProof && !isError,
    nothing: text.includes('"content":[]'),
    error: isError && !hasProof,
    // The client is asked if possible; otherwise the result says so.
    question: !hasProof && /input_required|"isError":true|"error":/.test(text),
  };
  const ends = MISBEHAVIORS[name]?.ends;
  return ends !== undefined && isRight[ends] ? undefined : shown;
}
