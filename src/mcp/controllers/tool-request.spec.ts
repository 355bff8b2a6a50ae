import { Refusal } from '../failures/refusal.js';
import type { RouteArgument } from './route-arguments.js';
import { argumentsIn, requestFactory } from './tool-request.js';

const argument = (
  place: RouteArgument['place'],
  key: string | undefined,
  name = key ?? 'body',
): RouteArgument => ({
  name,
  place,
  key,
  schema: {},
  isRequired: true,
});

const make = (
  template: string,
  list: RouteArgument[],
  given: Record<string, unknown>,
  isExtended = false,
  definitions = {},
) =>
  requestFactory(
    { method: 'POST', template, headers: { version: '1' } },
    { list, definitions },
    () => isExtended,
  )(given);

describe('the request of a call', () => {
  it.each([
    ['/a/:id', 'x y', '/a/x%20y'],
    ['/a/:id/b', 'ä?#&', '/a/%C3%A4%3F%23%26/b'],
    ['/a/v:id.json', 7, '/a/v7.json'],
    ['/a/*id', 'b/c d', '/a/b/c%20d'],
  ])('fills the path %s with %j', (template, id, url) => {
    expect(make(template, [argument('path', 'id')], { id }).url).toBe(url);
  });

  it.each(['', '.', '..', '/', 'a/b', '..\\x', '%2e', '%2F', '%5C', '\udfff', undefined, null, {}])(
    'refuses %j as a part of the path',
    (id) => {
      expect(() => make('/a/:id', [argument('path', 'id')], { id })).toThrow(Refusal);
    },
  );

  it.each([2 ** 53, -(2 ** 53), 1e21, Infinity])('refuses %d, which may have lost digits', (number) => {
    const list = [argument('path', 'id'), argument('query', 'q'), argument('body', undefined)];
    const rounded = /id: has a number beyond 9007199254740991/;
    expect(() => make('/a/:id', list, { id: number })).toThrow(rounded);
    for (const given of [{ q: [number] }, { body: { lines: [{ id: number }] } }]) {
      expect(() => make('/a/:id', list, { id: 1, ...given })).toThrow('loses digits');
    }
  });

  it('refuses the text of a number that would lose digits in its handler', () => {
    const list = [{ ...argument('path', 'id'), schema: { type: 'integer' } }];
    expect(() => make('/a/:id', list, { id: '9007199254740993' })).toThrow('loses digits');
    expect(make('/a/:id', list, { id: '12' }).url).toBe('/a/12');
  });

  it.each([
    ['a list', { type: 'array', items: { type: 'number' } }, ['1', '9007199254740993']],
    ['a list as one text', { type: 'array', items: { type: 'integer' } }, '9007199254740993,5'],
    ['null or a number', { type: ['integer', 'null'] }, '9007199254740993'],
    [
      'a member of a list',
      {
        type: 'object',
        properties: {
          lines: { type: 'array', items: { type: 'object', properties: { productId: { type: 'integer' } } } },
        },
      },
      { lines: [{ productId: '9007199254740993' }] },
    ],
  ])('refuses it in %s too', (_where, schema, value) => {
    const list = [{ ...argument('body', 'of'), schema }];
    expect(() => make('/a', list, { of: value })).toThrow('loses digits');
    expect(() =>
      make('/a', list, { of: JSON.parse(JSON.stringify(value).replaceAll('9007199254740993', '7')) }),
    ).not.toThrow();
  });

  it('refuses it in a definition that contains itself, also next to null', () => {
    const order = {
      type: 'object',
      properties: {
        id: { type: 'integer' },
        label: { anyOf: [{ type: 'integer' }, { type: 'string' }] },
        parent: { anyOf: [{ $ref: '#/$defs/Order' }, { type: 'null' }] },
      },
    };
    const list = [{ ...argument('body', 'order'), schema: { $ref: '#/$defs/Order' } }];
    const send = (value: unknown) => make('/a', list, { order: value }, false, { Order: order });
    expect(() => send({ id: '9007199254740993' })).toThrow('loses digits');
    expect(() => send({ id: 1, parent: { id: '9007199254740993' } })).toThrow('loses digits');
    expect(() => send({ id: '1', label: '9007199254740993', parent: { id: 2, parent: null } })).not.toThrow();
  });

  it.each(['anyOf', 'oneOf'])('refuses it in the class of an %s that has the type of the value', (union) => {
    const ofType = (type: string, properties: object) => ({
      type: 'object',
      properties: { type: { const: type }, ...properties },
    });
    const entry = {
      [union]: [
        ofType('card', { amount: { type: 'number' } }),
        { $ref: '#/$defs/Note' },
        { [union]: [ofType('cash', { amount: { type: ['number', 'string'] } }), { type: 'null' }] },
      ],
    };
    const Note = ofType('note', { amount: { type: 'string' } });
    const list = [{ ...argument('body', 'entry'), schema: entry }];
    const send = (value: unknown) => make('/a', list, { entry: value }, false, { Note });
    const amount = '9007199254740993';
    expect(() => send({ type: 'card', amount })).toThrow('loses digits');
    for (const value of [
      { type: 'card', amount: '7' },
      { type: 'note', amount },
      { type: 'cash', amount },
    ]) {
      expect(() => send(value)).not.toThrow();
    }
    expect(() => send(null)).not.toThrow();
  });

  const sendAs =
    (...anyOf: object[]) =>
    () =>
      make('/a', [{ ...argument('query', 'id'), schema: { anyOf } }], { id: '9007199254740993' });

  it.each([{ type: 'object' }, { type: 'string', enum: ['all'] }])(
    'refuses it as a number or %j',
    (other) => {
      expect(sendAs({ type: 'number' }, other)).toThrow('loses digits');
    },
  );

  it.each([{ type: 'string' }, { type: 'array', items: { type: 'string' } }, {}])(
    'keeps it as a number or %j',
    (other) => {
      expect(sendAs({ type: 'number' }, other)).not.toThrow();
    },
  );

  it('judges each level of a union that contains itself once', () => {
    const level = { value: { type: 'number' }, child: { $ref: '#/$defs/Filter' } };
    const definitions = {
      Filter: { anyOf: [{ $ref: '#/$defs/And' }, { $ref: '#/$defs/Or' }] },
      And: { type: 'object', properties: level },
      Or: { type: 'object', properties: level },
    };
    const list = [{ ...argument('body', 'filter'), schema: { $ref: '#/$defs/Filter' } }];
    let filter: object = { value: '9007199254740993' };
    for (let depth = 0; depth < 40; depth++) filter = { value: 1, child: filter };
    expect(() => make('/a', list, { filter }, false, definitions)).toThrow('loses digits');
  }, 20_000);

  it('keeps all digits of the largest numbers, and of digits as a string', () => {
    const list = [argument('path', 'id'), argument('body', undefined)];
    const id = Number.MAX_SAFE_INTEGER;
    expect(make('/a/:id', list, { id, body: { id, price: 0.1 } })).toMatchObject({
      url: '/a/9007199254740991',
      body: '{"id":9007199254740991,"price":0.1}',
    });
    expect(make('/a/:id', list, { id: '9007199254740993' }).url).toBe('/a/9007199254740993');
  });

  it('repeats a list in the query, and leaves out what is missing', () => {
    const list = [argument('query', 'tag'), argument('query', 'a&b'), argument('query', 'none')];
    expect(make('/', list, { tag: ['x', 'y z'], 'a&b': true }).url).toBe('/?tag=x&tag=y%20z&a%26b=true');
  });

  it('nests values only in the query of an application that reads them', () => {
    const given = { filter: { from: 1, tags: ['x'] } };
    expect(make('/', [argument('query', 'filter')], given, true).url).toBe(
      '/?filter[from]=1&filter[tags][0]=x',
    );
    expect(() => make('/', [argument('query', 'filter')], given)).toThrow('no nested values');
  });

  it('leaves out missing arguments that have the names of inherited members', () => {
    const list = [argument('query', 'constructor'), argument('query', '__proto__'), argument('query', 'q')];
    expect(make('/', list, argumentsIn({ q: 1 })).url).toBe('/?q=1');
    expect(make('/', list, argumentsIn(JSON.parse('{"__proto__":"p"}'))).url).toBe('/?__proto__=p');
  });

  it('puts members of the body under their names in the request', () => {
    const list = [argument('body', 'id', 'invoiceId'), argument('body', 'note')];
    expect(make('/', list, { invoiceId: 5, other: 1 })).toMatchObject({
      body: '{"id":5}',
      headers: { 'content-type': 'application/json', version: '1' },
    });
  });

  it('sends an argument for the whole body as it is', () => {
    expect(make('/', [argument('body', undefined)], { body: [1, 2] }).body).toBe('[1,2]');
  });

  it('has no body without an argument for one', () => {
    expect(make('/', [], { id: 1 })).toEqual({
      method: 'POST',
      url: '/',
      params: {},
      headers: { version: '1' },
      body: undefined,
    });
  });

  it.each(['a\nb', 'a\r\nx: 1', '\0', '日本'])('refuses the header value %j', (value) => {
    expect(() => make('/', [argument('header', 'x-tenant')], { 'x-tenant': value })).toThrow(Refusal);
  });
});
