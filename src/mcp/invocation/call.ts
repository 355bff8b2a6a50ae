import type { InputRequiredResult } from '@modelcontextprotocol/server';

import type { Offer } from '../catalog/offer.js';
import type { ClientChannel } from '../context/client-channel.js';
import type { RequestContext } from '../context/request-context.js';
import type { Failure } from '../failures/failure.js';

/** Request and client of a call. */
export interface CallOrigin {
  readonly request: RequestContext;
  readonly channel: ClientChannel;
  /** Aborted when the caller disconnects or cancels. */
  readonly caller: AbortSignal;
}

/** Use of one tool, resource, prompt or completion. */
export interface Call extends CallOrigin {
  readonly method: 'tools/call' | 'resources/read' | 'prompts/get' | 'completion/complete' | 'resources/list';
  readonly offer: Offer;
  /** Arguments or variables. */
  readonly input: unknown;
}

/** Outcome of a call: a result, a failure, or a request for the client's input. */
export type Outcome<Result> =
  { readonly result: Result } | { readonly failure: Failure } | { readonly needed: InputRequiredResult };
