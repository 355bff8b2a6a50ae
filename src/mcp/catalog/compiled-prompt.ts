import type { Prompt, PromptArgument } from '@modelcontextprotocol/server';

import type { AccessDeclaration } from '../../auth/access/access-rule.js';
import { deepFreeze } from '../../config/deep-freeze.js';
import type { McpPromptOptions } from '../decorators/mcp-prompt.decorator.js';
import { isRecord } from '../is-record.js';
import { acceptNothing } from './compiled-tool.js';
import { objectSchemaOf } from './json-schema.js';
import type { MethodRunner } from './method-runner.js';
import { compileOffer, type Completions, type Offer, shown, type Validate } from './offer.js';

/** A prompt as start-up leaves it. */
export interface CompiledPrompt extends Offer {
  readonly kind: 'prompt';
  /** What `prompts/list` shows. */
  readonly definition: Readonly<Prompt>;
  readonly completions: Completions;
  readonly validate: Validate;
  readonly get: MethodRunner;
}

/**
 * Converts a declaration once and for all.
 *
 * @param problems receives what is wrong with the declaration, in words for its author
 */
export function compilePrompt(
  options: McpPromptOptions,
  inherited: readonly AccessDeclaration[],
  { get, completions }: { readonly get: MethodRunner; readonly completions: Completions },
  problems: string[],
): CompiledPrompt {
  const { name, arguments: schema } = options;
  const parameters = schema ? argumentsOf(objectSchemaOf(schema, 'arguments', problems), problems) : [];
  for (const completed of completions.keys()) {
    if (!parameters.some((parameter) => parameter.name === completed)) {
      problems.push(`it completes "${completed}", which is none of its arguments`);
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

function argumentsOf(
  { properties = {}, required = [] }: ReturnType<typeof objectSchemaOf>,
  problems: string[],
): PromptArgument[] {
  return Object.entries(properties).map(([name, property]) => {
    const { title, description, type } = isRecord(property) ? property : {};
    if (type !== undefined && type !== 'string') {
      problems.push(
        `its argument "${name}" is of type ${JSON.stringify(type)}, but prompts take only strings`,
      );
    }
    return {
      name,
      ...(typeof title === 'string' && { title }),
      ...(typeof description === 'string' && { description }),
      required: required.includes(name),
    };
  });
}
