import { BadRequestException, InternalServerErrorException, NotFoundException } from '@nestjs/common';
import { ProtocolErrorCode } from '@modelcontextprotocol/server';

import { ToolError } from '../../tool-error.js';
import { NotJsonError } from '../../values/plain-json.js';
import { ApiException } from './api-exception.js';
import { ruleOf } from './call-reason.js';
import { DeadlineError } from './deadline-error.js';
import { failureOf } from './failure.js';
import { failed } from './protocol-failure.js';
import { Refusal, requireAllowed } from './refusal.js';

describe('the failure of a call', () => {
  it.each([
    [new Refusal('No.', 'stuck'), 'No.', 'stuck'],
    [new ToolError('Try March.'), 'Try March.', 'tool_error'],
    [new DeadlineError(1500), 'The call did not end within 1.5 s.', 'timeout'],
    [new BadRequestException('Bad date'), 'Bad date', 'http_400'],
    [new ApiException('No access', 403), 'No access', 'api_403'],
  ] as const)('tells the caller the message of %o', (error, message, reason) => {
    expect(failureOf(error, 'tool')).toEqual({ message, reason });
  });

  it.each([
    ['an unknown error', new Error('password=hunter2')],
    ['a NestJS exception with a 5xx status', new InternalServerErrorException('password=hunter2')],
    ['a thrown string', 'password=hunter2'],
    ['an error whose message throws', Object.create(ToolError.prototype, { message: { get: explode } })],
    ['an error whose message is no text', Object.assign(new ToolError(), { message: 7 })],
  ])('hides %s behind a correlation id', (_what, error) => {
    const { message, reason, correlationId, error: details } = failureOf(error, 'prompt');

    expect(reason).toBe('unexpected');
    expect(correlationId).toMatch(/^[\da-f-]{36}$/);
    expect(message).toBe(`The prompt failed unexpectedly. Correlation id: ${correlationId}`);
    expect(details).toEqual(expect.any(String));
  });

  it('explains a value that JSON cannot represent', () => {
    const { message } = failureOf(new NotJsonError(['size'], 'is a BigInt.'), 'tool');

    expect(message).toContain('returned a value that cannot be sent as JSON. "size" is a BigInt.');
  });
});

describe('the rule of a reason', () => {
  it('counts a missing right as denied, and anything else as failed', () => {
    const outcomes = ['insufficient_scope', 'http_401', 'http_403', 'http_404', 'api_403'] as const;
    expect(outcomes.map((reason) => ruleOf(reason).outcome)).toEqual([
      'denied',
      'denied',
      'denied',
      'failed',
      'failed',
    ]);
  });

  it('blames the caller only for 4xx statuses', () => {
    expect(ruleOf('http_404').isOfTheCaller).toBe(true);
    expect(ruleOf('api_404').isOfTheCaller).toBe(true);
    expect(ruleOf('http_302').isOfTheCaller).toBe(false);
  });
});

describe('the protocol error of a failure', () => {
  it('is invalid params when the caller can fix the failure, and an internal error otherwise', () => {
    expect(failed(failureOf(new NotFoundException(), 'resource')).code).toBe(ProtocolErrorCode.InvalidParams);
    expect(failed(failureOf(new DeadlineError(1), 'resource')).code).toBe(ProtocolErrorCode.InternalError);
  });

  it('joins a list of input problems into one line', () => {
    const message = 'The arguments are invalid. Fix them and call again:\n- a: must be text\n- b: is missing';

    expect(failed({ message, reason: 'invalid_input' }).message).toBe(
      'The arguments are invalid. Fix them and call again: a: must be text; b: is missing',
    );
  });
});

describe('a denied decision', () => {
  it('is refused with its explanation', () => {
    const decision = { outcome: 'forbidden', explanation: 'Only for admins.' } as const;

    expect(() => requireAllowed(decision)).toThrow(new Refusal('Only for admins.', 'forbidden'));
  });

  it('names the missing scopes and the next step', () => {
    const decision = { outcome: 'insufficient_scope', scopes: ['todos:write'] } as const;

    expect(() => requireAllowed(decision)).toThrow(
      /todos:write.* Sign in again and grant the missing scopes/,
    );
  });

  it('is no obstacle when it allows the call', () => {
    expect(() => requireAllowed({ outcome: 'allowed' })).not.toThrow();
  });
});

function explode(): never {
  throw new Error('no message');
}
