import { inspect } from 'node:util';
import { isAsyncFunction } from 'node:util/types';

import { z } from 'zod';

import type { AccessDeclaration } from '../../auth/access/access-rule.js';
import { didYouMean } from '../../values/closest-name.js';
import type { ExposeAsToolOptions } from '../decorators/expose-as-tool.decorator.js';
import type { McpPromptOptions } from '../decorators/mcp-prompt.decorator.js';
import type { McpResourceOptions } from '../decorators/mcp-resource.decorator.js';
import type { AuditOptions, McpToolOptions } from '../decorators/mcp-tool.decorator.js';
import type { OperationMapping } from '../decorators/open-api-options.js';
import { isClass } from '../dto/is-class.js';
import { isObject } from '../../values/is-object.js';
import { isSchema } from '../../values/is-schema.js';

/** Schemas of all members that a declaration may have. */
type Members<Options> = Readonly<Record<keyof Options, z.ZodType>>;

const text = z.string('a string');
const flag = z.boolean('true or false');

const names = (example: string, alternative = ''): z.ZodType =>
  z.union(
    [
      z.array(z.string()),
      z.strictObject({ anyOf: z.array(z.union([z.string(), z.array(z.string())])) }),
      ...(alternative ? [z.literal(alternative)] : []),
    ],
    `a list such as ['${example}'], ${alternative ? `{ anyOf: [...] } or '${alternative}'` : 'or { anyOf: [...] }'}`,
  );

const access = {
  scopes: names('order:read', 'authenticated').optional(),
  roles: names('admin').optional(),
  permissions: names('order:edit').optional(),
  organization: flag.optional(),
  allow: z
    .custom(
      (value) => typeof value === 'function' && !isAsyncFunction(value),
      'a function that returns true or false, and no promise',
    )
    .optional(),
  visibility: z.enum(['scoped', 'discoverable', 'secret'], "'scoped', 'discoverable' or 'secret'").optional(),
} satisfies Members<AccessDeclaration>;

const common = {
  ...access,
  name: text,
  title: text.optional(),
  icons: z.array(z.looseObject({ src: text }, 'an object'), 'a list of icons').optional(),
  _meta: z.looseObject({}, 'an object').optional(),
  timeout: z.number('a number of milliseconds').optional(),
  elevated: flag.optional(),
  rateLimit: z.string("a rate such as '10/min'").optional(),
  cost: z.number('a positive integer').optional(),
};

const schema = z
  .custom(isSchema, 'a schema such as z.object({...}); wrap a JSON Schema in fromJsonSchema(...)')
  .optional();

const input = z
  .custom(
    (value) => isSchema(value) || isClass(value),
    'a schema such as z.object({...}), or a class with class-validator decorators; wrap a JSON Schema in fromJsonSchema(...)',
  )
  .optional();

const methods = z.record(z.string(), text.optional(), 'an object that maps names to method names').optional();

const hints = z
  .looseObject(
    {
      title: text.optional(),
      readOnlyHint: flag.optional(),
      destructiveHint: flag.optional(),
      idempotentHint: flag.optional(),
      openWorldHint: flag.optional(),
    },
    'an object such as { readOnlyHint: true }',
  )
  .optional();

const ofTools = {
  group: text.optional(),
  pinned: flag.optional(),
  organizationArgument: text.optional(),
  annotations: hints,
  audit: z
    .strictObject(
      {
        record: z.array(text, 'a list of names of arguments'),
        redact: z.custom((value) => typeof value === 'function', 'a function').optional(),
      } satisfies Members<AuditOptions>,
      "an object such as { record: ['invoiceId'] }",
    )
    .optional(),
};

const fields = "a list of fields such as ['owner.email']";

const change = z.union(
  [
    z.literal(false),
    z.strictObject({ value: z.unknown() }),
    z.strictObject({
      name: text.optional(),
      description: text.optional(),
      required: z.literal(true).optional(),
    }),
  ],
  'false, { value } or { name, description, required }',
);

const SHAPES = {
  access: z.strictObject(access),
  tool: z.strictObject({
    ...common,
    description: text,
    input,
    output: schema,
    ...ofTools,
  } satisfies Members<McpToolOptions>),
  route: z.strictObject({
    ...common,
    ...ofTools,
    description: text.optional(),
    headers: z.array(text, "a list of names such as ['x-tenant']").optional(),
    rename: z.record(z.string(), text, "an object such as { 'body.id': 'invoiceId' }").optional(),
    version: text.optional(),
    endpoint: z.union([text, z.array(text).min(1)], "a name such as 'staff', or a list of names").optional(),
    forwardAuthorization: flag.optional(),
    output: flag.optional(),
  } satisfies Members<ExposeAsToolOptions>),
  operation: z.strictObject({
    ...common,
    ...ofTools,
    description: text.optional(),
    parameters: z.record(z.string(), change, "an object such as { owner: { value: 'acme' } }").optional(),
    response: z
      .strictObject(
        { hide: z.array(text, fields).optional(), keep: z.array(text, fields).optional() },
        "an object such as { hide: ['owner.email'] }",
      )
      .optional(),
    output: flag.optional(),
  } satisfies Members<OperationMapping>),
  resource: z.strictObject({
    ...common,
    uri: text,
    description: text.optional(),
    mimeType: text.optional(),
    size: z.number('a number of bytes').optional(),
    annotations: z
      .looseObject(
        {
          audience: z.array(z.enum(['user', 'assistant'], "'user' or 'assistant'"), 'a list').optional(),
          priority: z.number('a number from 0 to 1').optional(),
          lastModified: text.optional(),
        },
        'an object such as { priority: 1 }',
      )
      .optional(),
    cache: z
      .looseObject(
        {
          ttlMs: z.number('a number of milliseconds').optional(),
          cacheScope: z.enum(['public', 'private'], "'public' or 'private'").optional(),
        },
        "an object such as { ttlMs: 60_000, cacheScope: 'private' }",
      )
      .optional(),
    list: text.optional(),
    complete: methods,
  } satisfies Members<McpResourceOptions>),
  prompt: z.strictObject({
    ...common,
    description: text.optional(),
    arguments: input,
    complete: methods,
  } satisfies Members<McpPromptOptions>),
};

/**
 * Lists the members of a declaration that have the wrong type or an unknown name. TypeScript reports them too, but not
 * for JavaScript or when types are only stripped.
 */
export function shapeProblems(kind: keyof typeof SHAPES, options: unknown): string[] {
  const { error } = SHAPES[kind].safeParse(options);
  return (error?.issues ?? []).flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code !== 'unrecognized_keys' || path.length > 0) {
      return [`its ${path.join('.')} ${fault(valueAt(options, path), issue.message)}`];
    }
    const known = Object.keys(SHAPES[kind].shape);
    return issue.keys.map((key) => `its member "${key}" is unknown.${didYouMean(key, known)}`);
  });
}

const fault = (value: unknown, expected: string): string =>
  value === undefined
    ? `is missing. It must be ${expected}.`
    : `must be ${expected}, not ${inspect(value, { depth: 1, breakLength: Infinity, maxStringLength: 60 })}.`;

const valueAt = (options: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), options);
