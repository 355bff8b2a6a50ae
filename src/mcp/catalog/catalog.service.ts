import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';

import { ModulesContainer } from '@nestjs/core';

import { accessDeclarationsOf } from '../../auth/access/require.decorators.js';
import { ProtectedResource } from '../../auth/protected-resource.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { promptOptionsOf } from '../decorators/mcp-prompt.decorator.js';
import { resourceOptionsOf } from '../decorators/mcp-resource.decorator.js';
import { toolOptionsOf } from '../decorators/mcp-tool.decorator.js';
import { Catalog, NO_OFFERS, type Offers } from './catalog.js';
import { CatalogError } from './catalog-error.js';
import { compilePrompt } from './compiled-prompt.js';
import { compileResource, isTemplate } from './compiled-resource.js';
import { compileTool } from './compiled-tool.js';
import { Discovery, methodOf, type ProviderMethod } from './discovery.js';
import { needsOrganization } from './dependency-tree.js';
import { durableProviderProblems } from './durable-providers.js';
import { type MethodRunner, MethodRunnerFactory } from './method-runner.js';
import type { Completions } from './offer.js';

/** The lists that may change while the server runs. */
export type ChangedList = 'tools' | 'resources' | 'prompts';

/** Finds the decorated methods of all providers at start-up, and keeps the catalogue of what is on offer. */
@Injectable()
export class CatalogService implements OnModuleInit {
  readonly #logger = new Logger(CatalogService.name);
  readonly #listeners = new Set<(changed: ChangedList) => void>();
  #catalog = new Catalog(NO_OFFERS);

  constructor(
    private readonly discovery: Discovery,
    private readonly runners: MethodRunnerFactory,
    private readonly resource: ProtectedResource,
    private readonly modules: ModulesContainer,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** @throws {CatalogError} with every problem found */
  onModuleInit(): void {
    const problems: string[] = [];
    const owners = new Map<string, string>();
    let offers = NO_OFFERS;
    for (const declared of this.discovery.methods()) {
      const own: string[] = [];
      const found = this.#compile(declared, own);
      if (found === NO_OFFERS) continue;
      const owner = `${declared.provider.name}.${declared.methodName}`;
      for (const name of identitiesOf(found)) {
        const other = owners.get(name);
        if (other !== undefined) own.push(`its ${name} is taken by ${other}`);
        owners.set(name, owner);
      }
      problems.push(...own.map((problem) => `${owner}: ${problem}`));
      offers = joined(offers, found);
    }
    const catalog = new Catalog(offers);
    problems.push(...durableProviderProblems(this.modules.values()), ...this.#hierarchyProblems(catalog));
    if (problems.length > 0) throw new CatalogError(problems);
    this.#catalog = catalog;
    this.resource.declareScopes(catalog.scopes);
    this.#warn(catalog);
  }

  /** The snapshot in force. Read it once for each exchange. */
  get current(): Catalog {
    return this.#catalog;
  }

  /** Has a listener told whenever a list has changed. */
  onChange(listener: (changed: ChangedList) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Adds to what is on offer, at once and for all requests that come.
   *
   * @param problems found while it was compiled
   * @returns what takes it away again
   * @throws {CatalogError} when something is wrong with it, or its name is taken
   */
  add(added: Partial<Offers>, problems: readonly string[]): () => void {
    const offers = { ...NO_OFFERS, ...added };
    const taken = new Set(identitiesOf(this.#catalog));
    const conflicts = identitiesOf(offers)
      .filter((name) => taken.has(name))
      .map((name) => `its ${name} is taken`);
    if (problems.length + conflicts.length > 0) throw new CatalogError([...problems, ...conflicts]);
    this.#replace(joined(this.#catalog, offers), offers);
    return () => this.#replace(without(this.#catalog, offers), offers);
  }

  #replace(offers: Offers, changed: Offers): void {
    this.#catalog = new Catalog(offers);
    this.resource.declareScopes(this.#catalog.scopes);
    for (const list of changedLists(changed)) this.#listeners.forEach((listener) => listener(list));
  }

  #compile(declared: ProviderMethod, problems: string[]): Offers {
    const { method, prototype } = declared;
    const tool = toolOptionsOf(method);
    const resource = resourceOptionsOf(method);
    const prompt = promptOptionsOf(method);
    if (!tool && !resource && !prompt) return NO_OFFERS;

    this.#checkParameter(declared, problems);
    const inherited = [
      ...accessDeclarationsOf(prototype.constructor),
      { organization: needsOrganization(declared.provider) },
    ];
    const run = this.#runner(declared);
    const compiled =
      resource &&
      compileResource(
        resource,
        inherited,
        {
          read: run,
          list: resource.list === undefined ? undefined : this.#helper(declared, resource.list, problems),
          completions: this.#completions(declared, resource.complete, problems),
        },
        problems,
      );
    return {
      tools: tool ? [compileTool(tool, inherited, run, problems)] : [],
      resources: compiled && !isTemplate(compiled) ? [compiled] : [],
      templates: compiled && isTemplate(compiled) ? [compiled] : [],
      prompts: prompt
        ? [
            compilePrompt(
              prompt,
              inherited,
              { get: run, completions: this.#completions(declared, prompt.complete, problems) },
              problems,
            ),
          ]
        : [],
    };
  }

  #runner({ provider, method, methodName }: ProviderMethod): MethodRunner {
    return this.runners.create(provider, method, methodName);
  }

  /** A method of the same class, by its name. */
  #helper(declared: ProviderMethod, methodName: string, problems: string[]): MethodRunner | undefined {
    const method = methodOf(declared.prototype, methodName);
    if (method) return this.#runner({ ...declared, method, methodName });
    problems.push(`it names the method ${methodName}, which its class does not have`);
    return undefined;
  }

  #completions(
    declared: ProviderMethod,
    methods: Readonly<Record<string, string | undefined>> = {},
    problems: string[],
  ): Completions {
    const completions = new Map<string, MethodRunner>();
    for (const [name, methodName] of Object.entries(methods)) {
      const helper = methodName === undefined ? undefined : this.#helper(declared, methodName, problems);
      if (helper) completions.set(name, helper);
    }
    return completions;
  }

  #checkParameter({ prototype, methodName }: ProviderMethod, problems: string[]): void {
    const types: unknown = Reflect.getMetadata('design:paramtypes', prototype, methodName);
    const [input]: unknown[] = Array.isArray(types) ? types : [];
    const wrong = [String, Number, Boolean, Array, Function].find((type) => type === input);
    if (wrong) problems.push(`its method takes a ${wrong.name}, but its input is always an object`);
  }

  #hierarchyProblems({ scopes: { published, secret } }: Catalog): string[] {
    const known = new Set([...published, ...secret, ...this.resource.configuredScopes]);
    return this.configuration.scopeHierarchy
      .unknownAmong(known)
      .map(
        (name) =>
          `SCOPE_HIERARCHY: "${name}" is no scope that anything here needs. Correct it, or list it in the metadata's scopes_supported or SIGN_IN_SCOPES`,
      );
  }

  #warn({ tools }: Catalog): void {
    const silent = tools
      .filter(
        ({ definition: { annotations = {} } }) =>
          !('readOnlyHint' in annotations || 'destructiveHint' in annotations),
      )
      .map(({ name }) => name);
    if (silent.length > 0) {
      this.#logger.warn(
        `Clients must take ${silent.join(', ')} for destructive: the annotations say neither readOnlyHint nor destructiveHint.`,
      );
    }
  }
}

/** What must be unique, in words. */
function identitiesOf({ tools, resources, templates, prompts }: Offers): string[] {
  return [
    ...tools.map(({ name }) => `tool name "${name}"`),
    ...[...resources, ...templates].map(({ name }) => `resource name "${name}"`),
    ...resources.map(({ definition }) => `uri "${definition.uri}"`),
    ...templates.map(({ definition }) => `uri "${definition.uriTemplate}"`),
    ...prompts.map(({ name }) => `prompt name "${name}"`),
  ];
}

const joined = (some: Offers, more: Offers): Offers => ({
  tools: [...some.tools, ...more.tools],
  resources: [...some.resources, ...more.resources],
  templates: [...some.templates, ...more.templates],
  prompts: [...some.prompts, ...more.prompts],
});

const without = (all: Offers, some: Offers): Offers => ({
  tools: all.tools.filter((tool) => !some.tools.includes(tool)),
  resources: all.resources.filter((resource) => !some.resources.includes(resource)),
  templates: all.templates.filter((template) => !some.templates.includes(template)),
  prompts: all.prompts.filter((prompt) => !some.prompts.includes(prompt)),
});

function changedLists({ tools, resources, templates, prompts }: Offers): ChangedList[] {
  return [
    ...(tools.length > 0 ? (['tools'] as const) : []),
    ...(resources.length + templates.length > 0 ? (['resources'] as const) : []),
    ...(prompts.length > 0 ? (['prompts'] as const) : []),
  ];
}
