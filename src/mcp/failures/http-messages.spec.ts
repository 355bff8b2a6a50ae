import { BadRequestException, ConflictException, HttpException, NotFoundException } from '@nestjs/common';
import { z } from 'zod';

import { httpMessagesOf } from './http-messages.js';

const zodError = (() => {
  const schema = z.strictObject({ user: z.object({ age: z.number().min(0) }), tags: z.array(z.string()) });
  return schema.safeParse({ user: { age: -1 }, tags: ['a', 1], x: 1 }).error ?? new z.ZodError([]);
})();

describe('httpMessagesOf', () => {
  it.each<[string, HttpException, string]>([
    ['a string', new NotFoundException('There is no order 8.'), 'There is no order 8.'],
    ['no body', new NotFoundException(), 'Not Found'],
    [
      'a list of messages',
      new BadRequestException(['name must be a string', 'age must not be less than 18']),
      'name must be a string\nage must not be less than 18',
    ],
    ['an object with a message', new ConflictException({ message: 'Taken.', code: 7 }), 'Taken.'],
    [
      'an object with messages',
      new BadRequestException({ message: ['a is wrong', 'b too'] }),
      'a is wrong\nb too',
    ],
    ['an HttpException with an object', new HttpException({ message: 'Stop.' }, 418), 'Stop.'],
    [
      'issues with paths',
      new BadRequestException({
        message: 'Validation failed',
        errors: [{ path: ['user', 'age'], message: 'Too small' }],
      }),
      'Validation failed\nuser.age: Too small',
    ],
    [
      'errors by member',
      new BadRequestException({ errors: { age: ['Too small'], name: 'Missing' } }),
      'age: Too small\nname: Missing',
    ],
    [
      'errors of class-validator',
      new BadRequestException([
        {
          property: 'address',
          target: { password: 'SECRET' },
          value: 'SECRET',
          children: [{ property: 'city', constraints: { isString: 'city must be a string' } }],
        },
      ]),
      'address: city must be a string',
    ],
    ['an object without any message', new BadRequestException({ code: 7 }), '{"code":7}'],
    ['a message that is not a string', new BadRequestException({ message: 42 }), '{"message":42}'],
    ['an empty object', new BadRequestException({}), 'Bad Request Exception'],
    [
      'a body that JSON cannot represent',
      new BadRequestException({ it: new Map() }),
      'Bad Request Exception',
    ],
    ['an error that is a string', new ConflictException({ error: 'name is taken' }), 'name is taken'],
    [
      'NestJS’s own description',
      new ConflictException('Taken.', 'The name has an owner.'),
      'Taken.\nThe name has an owner.',
    ],
    [
      'problem details (RFC 9457)',
      new BadRequestException({
        type: 'https://example.com/probs/credit',
        title: 'Out of credit.',
        status: 403,
        detail: 'The balance is 30.',
        errors: [{ detail: 'must be positive', pointer: '#/amount' }],
      }),
      'Out of credit.\nThe balance is 30.\n#/amount: must be positive',
    ],
    [
      'an error of OAuth',
      new BadRequestException({ error: 'invalid_grant', error_description: 'The code has expired.' }),
      'invalid_grant\nThe code has expired.',
    ],
    [
      'an error that is an object',
      new BadRequestException({ error: { code: 7, message: 'Busy.' } }),
      'Busy.',
    ],
    [
      'z.flattenError()',
      new BadRequestException({ errors: z.flattenError(zodError) }),
      'Unrecognized key: "x"\nuser: Too small: expected number to be >=0\ntags: Invalid input: expected string, received number',
    ],
    [
      'z.treeifyError()',
      new BadRequestException({ errors: z.treeifyError(zodError) }),
      'Unrecognized key: "x"\nuser.age: Too small: expected number to be >=0\ntags.1: Invalid input: expected string, received number',
    ],
    [
      'a ZodError’s issues',
      new BadRequestException({ errors: zodError.issues }),
      'user.age: Too small: expected number to be >=0\ntags.1: Invalid input: expected string, received number\nUnrecognized key: "x"',
    ],
    [
      'errors by a member with the name of a message member',
      new BadRequestException({ errors: { title: ['too short'], address: { city: ['too far'] } } }),
      'title: too short\naddress.city: too far',
    ],
    [
      'a member whose name is part of a word',
      new BadRequestException({ errors: { id: ['is invalid'] } }),
      'id: is invalid',
    ],
    [
      'the issues of an error of zod',
      new BadRequestException(zodError),
      'user.age: Too small: expected number to be >=0\ntags.1: Invalid input: expected string, received number\nUnrecognized key: "x"',
    ],
    ['an error with a code', new BadRequestException({ errors: { message: 'Stop.', code: 'X' } }), 'Stop.'],
  ])('reads %s', (_what, exception, expected) => {
    expect(httpMessagesOf(exception)).toBe(expected);
  });

  const internal = Object.assign(new Error('connect ECONNREFUSED 10.0.0.5:5432'), {
    detail: 'Key (email)=(ada@example.com) already exists.',
    address: '10.0.0.5',
  });

  it.each<[string, HttpException, string?]>([
    ['is an error', new BadRequestException(internal), 'Bad Request'],
    ['is a list of errors', new BadRequestException([internal])],
    ['has an error as message', new BadRequestException({ message: internal })],
    ['has an error within', new BadRequestException({ errors: { email: internal }, cause: internal })],
    ['is an error of several', new HttpException(new AggregateError([internal], 'secret'), 409), 'Conflict'],
  ])(
    'keeps the messages of an error back if the body %s',
    (_what, exception, text = 'Bad Request Exception') => {
      expect(httpMessagesOf(exception)).toBe(text);
    },
  );

  it('reads a limited number of messages from a body of any depth', () => {
    const errors: unknown[] = Array.from({ length: 10_000 }, (_, index) => `message ${index}`);
    errors.push(errors);
    const text = httpMessagesOf(new BadRequestException({ message: errors, errors }));
    expect(text.split('\n')).toHaveLength(20);
  });

  it('reads a circular body', () => {
    const body: Record<string, unknown> = { title: 'Odd.' };
    for (const name of ['message', 'messages', 'details', 'error', 'errors', 'issues', 'items'])
      body[name] = body;
    expect(httpMessagesOf(new BadRequestException(body))).toBe('Odd.');
  });
});
