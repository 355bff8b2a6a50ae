import type { CacheHint, Resource, ResourceTemplateType } from '@modelcontextprotocol/server';

import type { AccessDeclaration } from '../../auth/access/access-rule.js';
import { deepFreeze } from '../../values/deep-freeze.js';
import type { McpResourceOptions } from '../decorators/mcp-resource.decorator.js';
import type { MethodRunner } from './method-runner.js';
import { compileOffer, type CompletionMethods, type Offer, shown } from './offer.js';
import { compileUriTemplate, isUriTemplate, type UriTemplate } from './uri-template.js';
import { messageOf } from '../../values/trace-of.js';

/** Common members of a fixed resource and a template. */
interface Readable extends Offer {
  readonly kind: 'resource';
  readonly mimeType: string | undefined;
  readonly cache: CacheHint | undefined;
  readonly read: MethodRunner;
}

/** Resource at a fixed URI, compiled at startup. */
export interface CompiledResource extends Readable {
  /** Entry in `resources/list`. */
  readonly definition: Readonly<Resource>;
}

/** Resource template, compiled at startup. */
export interface CompiledTemplate extends Readable {
  /** Entry in `resources/templates/list`. */
  readonly definition: Readonly<ResourceTemplateType>;
  readonly template: UriTemplate;
  readonly list: MethodRunner | undefined;
  readonly completions: CompletionMethods;
}

/** Runners of the methods that a declaration names. */
export interface ResourceMethods {
  readonly read: MethodRunner;
  readonly list: MethodRunner | undefined;
  readonly completions: CompletionMethods;
}

/**
 * Compiles a resource declaration.
 *
 * @param problems receives the problems, addressed to the declaration's author
 */
export function compileResource(
  options: McpResourceOptions,
  inherited: readonly AccessDeclaration[],
  { read, list, completions }: ResourceMethods,
  problems: string[],
): CompiledResource | CompiledTemplate {
  const { uri, name, mimeType, cache } = options;
  const readable = { ...compileOffer('resource', options, inherited, problems), mimeType, cache, read };
  problems.push(...cacheProblems(readable));
  const common = {
    name,
    ...shown(options, 'title', 'description', 'mimeType'),
    ...(options.annotations && { annotations: options.annotations }),
    ...(options.icons && { icons: [...options.icons] }),
    ...(options._meta && { _meta: { ...options._meta } }),
  };
  if (!/^[a-z][a-z\d+.-]*:/i.test(uri)) problems.push(`its uri "${uri}" has no scheme, such as todo:`);
  if (!isUriTemplate(uri)) {
    if (list || completions.size > 0) problems.push(`its uri "${uri}" has no variables to list or complete`);
    return Object.freeze({
      ...readable,
      definition: deepFreeze<Resource>({ uri, ...common, ...shown(options, 'size') }),
    });
  }
  const template = templateOf(uri, problems);
  for (const variable of completions.keys()) {
    if (!template.variables.includes(variable)) {
      problems.push(`it completes "${variable}", which is not a variable of ${uri}`);
    }
  }
  return Object.freeze({
    ...readable,
    definition: deepFreeze<ResourceTemplateType>({ uriTemplate: uri, ...common }),
    template,
    list,
    completions,
  });
}

/** Returns the problem of a resource that shared caches may give to callers who may not read it. */
export const cacheProblems = ({ cache, access }: Pick<CompiledResource, 'cache' | 'access'>): string[] =>
  cache?.cacheScope === 'public' && !access.isOpen
    ? ["its cacheScope is 'public', but not every caller may read it. Make it 'private'"]
    : [];

function templateOf(uri: string, problems: string[]): UriTemplate {
  try {
    return compileUriTemplate(uri);
  } catch (error) {
    const problem = messageOf(error);
    problems.push(`its uri "${uri}" is not a valid URI template: ${problem}`);
    return compileUriTemplate('');
  }
}

export const isTemplate = (resource: CompiledResource | CompiledTemplate): resource is CompiledTemplate =>
  'template' in resource;
