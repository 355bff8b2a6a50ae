import { validateHeaderName } from 'node:http';

import { connectionProblem, problemOfCause } from './connection-problem.js';

describe('the problem of a connection', () => {
  it.each([
    [
      'the message of an error',
      new Error('password authentication failed'),
      'password authentication failed',
    ],
    [
      'the code of an error without a message',
      Object.assign(new Error(), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
    ],
    ['a thrown string', 'closed', 'closed'],
    ['undefined, if nothing was thrown', undefined, 'undefined'],
  ])('is %s', (_what, error, text) => {
    expect(connectionProblem(error)).toBe(text);
  });

  it('does not repeat the name of a header, which may contain a key', () => {
    const check = (): string => {
      try {
        validateHeaderName('Authorization: Bearer s3cret');
        return 'valid';
      } catch (error) {
        return connectionProblem(error);
      }
    };
    expect(check()).toBe('the name of a header is invalid');
  });

  it('does not repeat how ioredis says that it has no connection', () => {
    const error = new Error("Stream isn't writeable and enableOfflineQueue options is false");
    expect(connectionProblem(error)).toBe('not connected');
  });
});

describe('the problem of a cause', () => {
  it.each([
    ['the innermost cause', new Error('a', { cause: new Error('b', { cause: new Error('c') }) }), 'c'],
    ['the error itself without a cause', new Error('a'), 'a'],
  ])('is that of %s', (_what, error, text) => expect(problemOfCause(error)).toBe(text));

  it('is found although an error is its own cause', () => {
    const error = new Error('a');
    error.cause = error;
    expect(problemOfCause(error)).toBe('a');
  });
});
