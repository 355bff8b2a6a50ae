import { Injectable } from '@nestjs/common';
import type { Response } from 'express';

import type { Principal } from '../../auth/principal.js';
import { headersOf, refusalOf } from '../../limits/allowance.js';
import { CallLimits } from '../../limits/call-limits.js';
import { CallsInFlight } from '../../limits/calls-in-flight.js';
import type { Cost } from '../../limits/charge.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import { JsonRpcError, REFUSED } from './json-rpc-error.js';
import { answerId, methodOf, targetOf } from './messages.js';

/** Of whatever is no call of a known tool: it has no budget of its own, and asks for little. */
const ORDINARY: Cost = { points: 1 };

/** Lets the messages of a request pay, all together and before any of them is served. */
@Injectable()
export class RequestLimits {
  constructor(
    private readonly authorization: AuthorizationService,
    private readonly limits: CallLimits,
    private readonly inFlight: CallsInFlight,
  ) {}

  /**
   * @param response gets the headers that tell how much is left
   * @throws {JsonRpcError} 429 when a budget does not suffice
   */
  async admit(principal: Principal, messages: readonly unknown[], response: Response): Promise<void> {
    const allowance = await this.limits.spend(
      principal,
      messages.map((message) => this.#costOf(principal, message)),
    );
    if (!allowance) return;
    const headers = headersOf(allowance);
    if (allowance.refused) {
      const { limit } = allowance.charge;
      const details = { data: { limit, retryAfter: allowance.reset }, id: answerId(messages) };
      throw new JsonRpcError(`rate_limited:${limit}`, 429, REFUSED, refusalOf(allowance), headers, details);
    }
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  }

  /**
   * Takes the calls of a request in, if there are not too many in flight already.
   *
   * @returns what to call when they have ended
   * @throws {JsonRpcError} 429 when those of the organization are too many, 503 when those of all are
   */
  enter(principal: Principal, messages: readonly unknown[]): () => void {
    // What answers a question of ours is no call: the call that waits for it is in flight already.
    const calls = messages.filter((message) => methodOf(message) !== undefined);
    const entered = this.inFlight.enter(principal, calls.length);
    if (typeof entered === 'function') return entered;
    const [status, whose] =
      entered === 'organization' ? [429, 'of your organization'] : [503, 'on this server'];
    throw new JsonRpcError(
      `in_flight:${entered}`,
      status,
      REFUSED,
      `Too many calls ${whose} are in flight. Try again shortly.`,
      { 'Retry-After': '1' },
      { data: { limit: `in_flight_${entered}`, retryAfter: 1 }, id: answerId(messages) },
    );
  }

  #costOf(principal: Principal, message: unknown): Cost {
    const target = targetOf(message);
    const found = target?.kind === 'tool' ? this.authorization.findTool(principal, target.name) : undefined;
    if (!found) return ORDINARY;
    const { name, cost, rate } = found.offer;
    return { points: cost, tool: { name, rate } };
  }
}
