import { BadRequestException, ConflictException, HttpException, NotFoundException } from '@nestjs/common';

import { messagesOf } from './http-messages.js';

describe('messagesOf', () => {
  it.each<[string, HttpException, string]>([
    ['a text', new NotFoundException('There is no order 8.'), 'There is no order 8.'],
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
      'Too small\nMissing',
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
    ['an object without any message', new BadRequestException({ code: 7 }), 'Bad Request Exception'],
  ])('reads %s', (_what, exception, expected) => {
    expect(messagesOf(exception)).toBe(expected);
  });

  it('takes a bounded number of messages, from a body of any depth', () => {
    const errors: unknown[] = Array.from({ length: 10_000 }, (_, index) => `message ${index}`);
    errors.push(errors);
    const text = messagesOf(new BadRequestException({ message: errors, errors }));
    expect(text.split('\n')).toHaveLength(20);
  });
});
