import type { Attributes } from '@opentelemetry/api';
import type { Request } from 'express';

import type { Step } from '../logging/steps.js';
import type { EndedRequest } from '../observation/observer.js';

/** Value of a label that stands for all values without a series of their own. */
export const OTHER = '_OTHER';

const METHODS = new Set([
  'completion/complete',
  'initialize',
  'logging/setLevel',
  'notifications/cancelled',
  'notifications/initialized',
  'notifications/progress',
  'notifications/roots/list_changed',
  'ping',
  'prompts/get',
  'prompts/list',
  'resources/list',
  'resources/read',
  'resources/subscribe',
  'resources/templates/list',
  'resources/unsubscribe',
  'server/discover',
  'subscriptions/listen',
  'tools/call',
  'tools/list',
]);

/** Returns a JSON-RPC method as a label. Clients control it, so an unknown one becomes {@link OTHER}. */
export const methodLabel = (method: string): string => (METHODS.has(method) ? method : OTHER);

const HTTP_METHODS = new Set(['GET', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PUT', 'PATCH']);

/** Returns an HTTP method as a label. */
export const httpMethodLabel = (method: string): string => (HTTP_METHODS.has(method) ? method : OTHER);

export type Scheme = 'http' | 'https';

/** Returns the scheme that a client uses as a label. A trusted proxy may pass on any text as `protocol`. */
export const schemeLabel = ({ secure }: Request): Scheme => (secure ? 'https' : 'http');

/** Attribute for the name of a target, by its kind. URIs of resources have none, because there are too many. */
export function targetAttributes(kind: 'tool' | 'resource' | 'prompt', name: string): Attributes {
  if (kind === 'tool') return { 'gen_ai.tool.name': name, 'gen_ai.operation.name': 'execute_tool' };
  return kind === 'prompt' ? { 'gen_ai.prompt.name': name } : { 'aerie.resource.name': name };
}

/** Attributes for the target of a request that was refused, if it is a single call. */
export function refusedTargetAttributes({
  messages,
  targets,
}: Pick<EndedRequest, 'messages' | 'targets'>): Attributes {
  const { tool, resource, prompt } = (messages.length === 1 && targets) || {};
  if (tool !== undefined) return targetAttributes('tool', tool);
  if (resource !== undefined) return targetAttributes('resource', resource);
  return prompt === undefined ? {} : targetAttributes('prompt', prompt);
}

/** Value of `error.type` for a request whose connection closed before a status was sent. */
export const ABORTED = 'aborted';

/** Returns the type of the error with which a request ended; undefined if it was answered without one. */
export const errorTypeOf = ({
  reason,
  isUnanswered,
}: Pick<EndedRequest, 'reason' | 'isUnanswered'>): string | undefined =>
  reason ?? (isUnanswered ? ABORTED : undefined);

/** Returns the type of the error with which a step ended; undefined for a success. */
export const errorTypeOfStep = ({
  isFailed,
  code,
  reason,
}: Pick<Step, 'isFailed' | 'code' | 'reason'>): string | undefined =>
  isFailed ? (code ?? reason ?? 'failed') : undefined;

/** Attributes of a message without a result: the type of its error, or else the code of its JSON-RPC error. */
export function errorAttributes(errorType: string | undefined, code?: number): Attributes {
  const type = errorType ?? code?.toString();
  return {
    ...(type !== undefined && { 'error.type': type }),
    ...(code !== undefined && { 'rpc.response.status_code': code.toString() }),
  };
}

/** Gives each of the first values a label of its own, and all others {@link OTHER}. */
export class BoundedLabels {
  readonly #known = new Set<string>();

  constructor(private readonly max: number) {}

  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= this.max) return OTHER;
    this.#known.add(value);
    return value;
  }
}
