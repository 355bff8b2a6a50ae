import { isRecord } from '../is-record.js';

/** Capabilities that a handler can use, each with the parts that it may have. */
const CAPABILITIES = {
  elicitation: ['form', 'url'],
  sampling: ['context', 'tools'],
  roots: [],
} as const;

/**
 * Leaves of an `initialize` request only what Aerie needs to know of the client. The SDK's server keeps the
 * capabilities and the client's description for as long as the session lasts, however large they are.
 *
 * @returns any other message as it is; what is invalid stays invalid, for the SDK to refuse
 */
export function withoutUnusedDetails<Message extends object>(message: Message): Message {
  if (!('method' in message) || message.method !== 'initialize' || !('params' in message)) return message;
  const { params } = message;
  if (!isRecord(params)) return message;
  const { capabilities, clientInfo } = params;
  return {
    ...message,
    params: { ...params, capabilities: usableOf(capabilities), clientInfo: namelessOf(clientInfo) },
  };
}

function usableOf(capabilities: unknown): unknown {
  if (!isRecord(capabilities)) return capabilities;
  const usable = Object.entries(CAPABILITIES).map(([name, parts]) => [
    name,
    withOnly(parts, capabilities[name]),
  ]);
  return Object.fromEntries(usable.filter(([, capability]) => capability !== undefined));
}

function withOnly(parts: readonly string[], capability: unknown): unknown {
  if (!isRecord(capability)) return capability;
  const declared = parts.filter((part) => capability[part] !== undefined);
  return Object.fromEntries(
    declared.map((part) => [part, isRecord(capability[part]) ? {} : capability[part]]),
  );
}

/** Nothing reads the name. A shortened one would keep the whole text in memory. */
function namelessOf(clientInfo: unknown): unknown {
  const isValid =
    isRecord(clientInfo) &&
    typeof clientInfo['name'] === 'string' &&
    typeof clientInfo['version'] === 'string';
  return isValid ? { name: '', version: '' } : clientInfo;
}
