import type { Prompt, PromptArgument } from '@modelcontextprotocol/server';

import type { AccessDeclaration } from '../../auth/access/access-rule.js';
import { deepFreeze } from '../../values/deep-freeze.js';
import type { McpPromptOptions } from '../decorators/mcp-prompt.decorator.js';
import { schemaOf } from '../dto/from-dto.js';
import { isRecord } from '../../values/is-record.js';
import { recordIn } from '../../values/record-in.js';
import { acceptNothing } from './compiled-tool.js';
import type { Findings } from './findings.js';
import type { MethodRunner } from './method-runner.js';
import { compileOffer, type CompletionMethods, type Offer, shown, type Validate } from './offer.js';
import { type ObjectSchema, publishInput } from './published-schema/published-schema.js';
import { resolved } from './published-schema/references.js';
import { admitsText } from './published-schema/roots.js';

/** Prompt compiled at startup. */
export interface CompiledPrompt extends Offer {
  readonly kind: 'prompt';
  /** Entry in `prompts/list`. */
  readonly definition: Readonly<Prompt>;
  readonly completions: CompletionMethods;
  readonly validate: Validate;
  readonly get: MethodRunner;
}

/**
 * Compiles a prompt declaration.
 *
 * @param findings receives the problems and warnings, addressed to the declaration's author
 */
export function compilePrompt(
  options: McpPromptOptions,
  inherited: readonly AccessDeclaration[],
  { get, completions }: { readonly get: MethodRunner; readonly completions: CompletionMethods },
  findings: Findings,
): CompiledPrompt {
  const { problems } = findings;
  const { name } = options;
  const schema = options.arguments && schemaOf(options.arguments);
  const parameters = schema ? argumentsOf(publishInput(schema, 'arguments', findings), problems) : [];
  for (const completed of completions.keys()) {
    if (!parameters.some((parameter) => parameter.name === completed)) {
      problems.push(`it completes "${completed}", which is not one of its arguments`);
    }
  }
  return Object.freeze({
    ...compileOffer('prompt', options, inherited, problems),
    definition: deepFreeze<Prompt>({
      name,
      ...shown(options, 'title', 'description'),
      ...(parameters.length > 0 && { arguments: parameters }),
      ...(options.icons && { icons: [...options.icons] }),
      ...(options._meta && { _meta: { ...options._meta } }),
    }),
    completions,
    validate: schema ? (value: unknown) => schema['~standard'].validate(value) : acceptNothing,
    get,
  });
}

function argumentsOf(schema: ObjectSchema, problems: string[]): PromptArgument[] {
  const { properties = {}, required = [], additionalProperties } = schema;
  const union = ['anyOf', 'oneOf', 'allOf'].find((keyword) => keyword in schema);
  if (union !== undefined) {
    problems.push(`its arguments have ${union} at the root, but prompts name each argument: use one object`);
  }
  const isRestricted = isRecord(additionalProperties) && Object.keys(additionalProperties).length > 0;
  if (Object.keys(properties).length === 0 && (isRestricted || 'propertyNames' in schema)) {
    problems.push('its arguments have no names of their own, but prompts name each argument: use one object');
  }
  return Object.entries(properties).map(([name, property]) => {
    if (!admitsText(property, schema)) {
      const { type = 'other than string' } = recordIn(property);
      problems.push(
        `its argument "${name}" is of type ${JSON.stringify(type)}, but prompts take only strings`,
      );
    }
    const { title, description } = describing(property, schema);
    return {
      name,
      ...(typeof title === 'string' && { title }),
      ...(typeof description === 'string' && { description }),
      required: required.includes(name),
    };
  });
}

/** Schema of an argument, with a reference to a definition resolved. */
function describing(property: unknown, schema: ObjectSchema): Record<string, unknown> {
  if (!isRecord(property)) return {};
  const { $ref: reference, ...own } = property;
  return { ...(typeof reference === 'string' && resolved(schema, reference)), ...own };
}
