import { z } from 'zod';

import { shapeProblems } from './declaration-shape.js';

const TOOL = { name: 'order_status', description: 'Tells where an order is.', scopes: ['order:read'] };

describe('the shape of a declaration', () => {
  it('accepts every member that the types allow', () => {
    expect(
      shapeProblems('tool', {
        ...TOOL,
        title: 'Order',
        scopes: { anyOf: ['a', ['b', 'c']] },
        roles: ['admin'],
        visibility: 'secret',
        input: class Input {
          name = '';
        },
        output: z.object({}),
        annotations: { readOnlyHint: true },
        icons: [{ src: 'https://example.com/a.png' }],
        _meta: { any: 1 },
        timeout: 5,
        rateLimit: '10/min',
        cost: 2,
        elevated: true,
        organization: true,
        organizationArgument: undefined,
        group: 'orders',
        pinned: true,
        audit: { record: ['id'], redact: () => ({}) },
      }),
    ).toEqual([]);
    expect(shapeProblems('prompt', { name: 'a', scopes: 'authenticated', complete: { a: 'b' } })).toEqual([]);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ description: undefined }, 'its description is missing. It must be a string.'],
    [{ name: undefined }, 'its name is missing. It must be a string.'],
    [{ name: 7 }, 'its name must be a string, not 7.'],
    [
      { scopes: 'order:read' },
      "its scopes must be a list such as ['order:read'], { anyOf: [...] } or 'authenticated', not 'order:read'.",
    ],
    [{ roles: 'admin' }, "its roles must be a list such as ['admin'], or { anyOf: [...] }, not 'admin'."],
    [{ visibility: 'hidden' }, "its visibility must be 'scoped', 'discoverable' or 'secret', not 'hidden'."],
    [
      { input: { type: 'object' } },
      "its input must be a schema such as z.object({...}), or a class with class-validator decorators; wrap a JSON Schema in fromJsonSchema(...), not { type: 'object' }.",
    ],
    [{ timeout: '5s' }, "its timeout must be a number of milliseconds, not '5s'."],
    [
      { annotations: 'readOnly' },
      "its annotations must be an object such as { readOnlyHint: true }, not 'readOnly'.",
    ],
    [
      { annotations: { readOnlyHint: 'yes' } },
      "its annotations.readOnlyHint must be true or false, not 'yes'.",
    ],
    [{ audit: { record: ['id'], redact: 'id' } }, "its audit.redact must be a function, not 'id'."],
    [{ rateLimit: 10 }, "its rateLimit must be a rate such as '10/min', not 10."],
    [{ icons: ['a.png'] }, "its icons.0 must be an object, not 'a.png'."],
    [{ visiblity: 'secret' }, 'its member "visiblity" is unknown. Did you mean "visibility"?'],
    [{ whatever: 1 }, 'its member "whatever" is unknown.'],
  ])('reports %j', (members, problem) => {
    expect(shapeProblems('tool', { ...TOOL, ...members })).toEqual([problem]);
  });

  it('reports every problem', () => {
    expect(shapeProblems('tool', {})).toHaveLength(2);
    expect(shapeProblems('tool', undefined)).toHaveLength(1);
    expect(shapeProblems('resource', { uri: 1, name: 2, list: 3, cache: 4 })).toHaveLength(4);
  });
});
