import type { Type } from '@nestjs/common';

import type { Principal } from './principal.js';

const INJECTED = Symbol('injected');

/** Request that a tool makes within this process, for one handler of a controller. */
export interface Injection {
  /** Verified caller of the tool. */
  readonly principal: Principal;
  /** Endpoint that verified the caller. */
  readonly endpoint: string;
  readonly controller: Type;
  readonly handler: unknown;
  /** Parameters of the path as the arguments of the call name them; rests of a path with slashes. */
  readonly params: Readonly<Record<string, string>>;
  /** Whether the request has reached its handler's guards. */
  isReached: boolean;
}

/** Request that may carry the mark of an injection, under a symbol because no client can set one. */
export interface InjectedRequest {
  [INJECTED]?: Injection;
}

export function setInjection(request: InjectedRequest, injection: Injection): void {
  request[INJECTED] = injection;
}

export const injectionOf = (request: InjectedRequest): Injection | undefined => request[INJECTED];
