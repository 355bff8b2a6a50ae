import { z } from 'zod';

import type { InputSchema } from '../decorators/mcp-tool.decorator.js';
import { compilePrompt } from './compiled-prompt.js';
import { noFindings } from './findings.js';

function compiled(schema: InputSchema): { readonly problems: string[]; readonly names: unknown } {
  const findings = noFindings();
  const methods = { get: () => '', completions: new Map() };
  const options = { name: 'prompt', scopes: 'authenticated', arguments: schema } as const;
  const { definition } = compilePrompt(options, [], methods, findings);
  return { problems: findings.problems, names: definition.arguments?.map(({ name }) => name) };
}

describe('the arguments of a prompt', () => {
  it('may be coerced from strings', () => {
    const schema = z.object({ n: z.coerce.number().min(1), b: z.coerce.boolean().default(true) });
    expect(compiled(schema)).toEqual({ problems: [], names: ['n', 'b'] });
  });

  it.each([
    ['a number', z.object({ n: z.number() }), /^its argument "n" is of type "number", but prompts take only/],
    ['a record', z.record(z.string(), z.string()), /^its arguments have no names of their own/],
    ['a record with optional names', z.partialRecord(z.enum(['a']), z.string()), /no names of their own/],
    ['a list', z.array(z.string()), /^its arguments are of type "array", but arguments must be an object/],
  ])('must not be %s', (_what, schema, problem) => {
    expect(compiled(schema).problems).toEqual([expect.stringMatching(problem)]);
  });

  it.each([
    ['an empty object', z.object({})],
    ['an object with any members', z.looseObject({})],
  ])('may be %s', (_what, schema) => {
    expect(compiled(schema)).toEqual({ problems: [], names: undefined });
  });
});
