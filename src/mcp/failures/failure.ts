import { randomUUID } from 'node:crypto';

import { HttpException } from '@nestjs/common';
import type { ProtocolError } from '@modelcontextprotocol/server';

import { traceOf } from '../../values/trace-of.js';
import { OutageError, ToolError } from '../../tool-error.js';
import { NotJsonError } from '../../values/plain-json.js';
import type { Offer } from '../catalog/offer.js';
import { ApiException } from './api-exception.js';
import type { CallReason } from './call-reason.js';
import { DeadlineError } from './deadline-error.js';
import { httpMessagesOf } from './http-messages.js';
import { Refusal } from './refusal.js';

/** Reason why a call has no result. */
export interface Failure {
  /** Message for the caller. */
  readonly message: string;
  /** Reason code for the log. */
  readonly reason: CallReason;
  readonly correlationId?: string;
  /** Details for the log only. */
  readonly error?: string;
  /** Error of the protocol that the client gets instead of the message. */
  readonly thrown?: ProtocolError;
}

/** Converts an error of a call. The caller reads only messages that are meant for callers. */
export function failureOf(error: unknown, kind: Offer['kind']): Failure {
  let summary = `The ${kind} failed unexpectedly.`;
  try {
    const known = knownFailureOf(error);
    if (known && isText(known.message)) return known;
    // The message of a NotJsonError contains no data, so the caller may see it.
    if (error instanceof NotJsonError) {
      summary = `The ${kind} returned a value that cannot be sent as JSON. ${error.message}`;
    }
  } catch {
    // A getter of the error throws.
  }
  const correlationId = randomUUID();
  return {
    message: `${summary} Correlation id: ${correlationId}`,
    reason: 'unexpected',
    correlationId,
    error: traceOf(error),
  };
}

const isText = (message: unknown): message is string => typeof message === 'string';

/** Returns the failure if the caller may know the reason. */
function knownFailureOf(error: unknown): Failure | undefined {
  if (error instanceof Refusal) return { message: error.message, reason: error.reason };
  if (error instanceof OutageError) {
    const { message, reason, cause } = error;
    return { message, reason, ...(cause !== undefined && { error: traceOf(cause) }) };
  }
  if (error instanceof ToolError) return { message: error.message, reason: 'tool_error' };
  if (error instanceof DeadlineError) return { message: error.message, reason: 'timeout' };
  // NestJS's 4xx exceptions, such as those of guards and validation pipes, are written for the client.
  if (error instanceof HttpException && error.getStatus() < 500) {
    const source = error instanceof ApiException ? 'api' : 'http';
    return { message: httpMessagesOf(error), reason: `${source}_${error.getStatus()}` };
  }
  return undefined;
}
