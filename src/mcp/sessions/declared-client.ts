import { isRecord } from '../../values/is-record.js';

/** Capabilities that handlers can use, each with its possible parts. */
const CAPABILITIES = {
  elicitation: ['form', 'url'],
  sampling: ['context', 'tools'],
  roots: [],
} as const;

/**
 * Removes the parts of an `initialize` request that Aerie does not use. The SDK keeps the capabilities and the client's
 * description in memory until the session ends, however large they are.
 *
 * @returns other messages unchanged; invalid values stay invalid, so that the SDK rejects them
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

/** Empties the name, which nothing reads. A shortened name would keep the whole text in memory. */
function namelessOf(clientInfo: unknown): unknown {
  const isValid =
    isRecord(clientInfo) &&
    typeof clientInfo['name'] === 'string' &&
    typeof clientInfo['version'] === 'string';
  return isValid ? { name: '', version: '' } : clientInfo;
}
