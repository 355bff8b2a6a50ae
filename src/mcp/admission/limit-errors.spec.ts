import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

import type { Response } from 'express';

import { allowanceOf } from '../../limits/allowance.js';
import type { Charge } from '../../limits/charge.js';
import { announce } from './limit-errors.js';

describe('announce', () => {
  const charge: Charge = { limit: 'caller', key: 'caller:x', rate: { points: 120, window: 60 }, points: 1 };
  let response: Response;
  beforeEach(() => {
    response = new ServerResponse(new IncomingMessage(new Socket())) as Response;
  });

  const refusal = (points: number, consumed: number): unknown => {
    try {
      announce(allowanceOf({ ...charge, points }, consumed, 11_500), response, []);
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it('sets headers with the points left', () => {
    expect(refusal(1, 100)).toBeUndefined();
    expect({ ...response.getHeaders() }).toEqual({
      'ratelimit-limit': '120',
      'ratelimit-remaining': '20',
      'ratelimit-reset': '12',
    });
  });

  it('refuses with the same headers, and says after how many seconds the request could be allowed', () => {
    expect(refusal(1, 121)).toMatchObject({
      reason: 'rate_limited:caller',
      httpStatus: 429,
      headers: { 'Retry-After': '12' },
      details: { data: { limit: 'caller', retryAfter: 12 }, id: null },
    });
    expect(response.getHeader('RateLimit-Remaining')).toBe('0');
  });

  it('names no time if waiting does not help', () => {
    expect(refusal(150, 150)).toHaveProperty('headers', {});
  });
});
