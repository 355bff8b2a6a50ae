import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModulesContainer } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

import { accessDeclarationsOf } from '../../auth/access/require.decorators.js';
import { ProtectedResource } from '../../auth/protected-resource.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { type McpToolOptions, toolOptionsOf } from '../decorators/mcp-tool.decorator.js';
import { needsOrganization } from './dependency-tree.js';
import { type Method, ToolRunnerFactory } from './tool-runner.js';
import { CatalogError } from './catalog-error.js';
import { type CompiledTool, compileTool } from './compiled-tool.js';
import { durableProviderProblems } from './durable-providers.js';
import { ToolCatalog } from './tool-catalog.js';

/** A decorated method of a provider. */
interface DeclaredTool {
  readonly options: McpToolOptions;
  readonly provider: InstanceWrapper<object>;
  readonly prototype: object;
  readonly method: Method;
  readonly methodName: string;
}

/** Finds the decorated methods of all providers at start-up and compiles them into the catalogue. */
@Injectable()
export class CatalogService implements OnModuleInit {
  readonly #logger = new Logger(CatalogService.name);
  #catalog = new ToolCatalog([]);

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly runners: ToolRunnerFactory,
    private readonly resource: ProtectedResource,
    private readonly modules: ModulesContainer,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
  ) {}

  /** @throws {CatalogError} with every problem found */
  onModuleInit(): void {
    const problems: string[] = [];
    const owners = new Map<string, string>();
    const tools = this.#declaredTools().map((declared) => {
      const own: string[] = [];
      const owner = `${declared.provider.name}.${declared.methodName}`;
      const tool = this.#compile(declared, own);
      const { name } = tool.definition;
      const other = owners.get(name);
      if (other !== undefined) own.push(`its name "${name}" is taken by ${other}`);
      owners.set(name, owner);
      problems.push(...own.map((problem) => `${owner}: ${problem}`));
      return tool;
    });
    problems.push(...durableProviderProblems(this.modules.values()));
    const catalog = new ToolCatalog(tools);
    problems.push(...this.#hierarchyProblems(catalog));
    if (problems.length > 0) throw new CatalogError(problems);
    this.#catalog = catalog;
    this.resource.declareScopes(catalog.scopes);
    this.#warn(catalog);
  }

  /** The snapshot in force. Read it once for each exchange. */
  get current(): ToolCatalog {
    return this.#catalog;
  }

  #hierarchyProblems({ scopes: { published, secret } }: ToolCatalog): string[] {
    const known = new Set([...published, ...secret, ...this.resource.configuredScopes]);
    return this.configuration.scopeHierarchy
      .unknownAmong(known)
      .map(
        (name) =>
          `SCOPE_HIERARCHY: "${name}" is no scope that a tool needs. Correct it, or list it in the metadata's scopes_supported or SIGN_IN_SCOPES`,
      );
  }

  #warn({ tools }: ToolCatalog): void {
    const silent = tools
      .filter(
        ({ definition: { annotations = {} } }) =>
          !('readOnlyHint' in annotations || 'destructiveHint' in annotations),
      )
      .map(({ definition: { name } }) => name);
    if (silent.length > 0) {
      this.#logger.warn(
        `Clients must take ${silent.join(', ')} for destructive: the annotations say neither readOnlyHint nor destructiveHint.`,
      );
    }
  }

  #declaredTools(): DeclaredTool[] {
    return this.discovery.getProviders().flatMap((provider: InstanceWrapper<unknown>) => {
      if (provider.isAlias || !holdsObject(provider)) return [];
      const prototype: object = Object.getPrototypeOf(provider.instance) ?? {};
      return this.scanner.getAllMethodNames(prototype).flatMap((methodName) => {
        const method: unknown = Reflect.get(prototype, methodName);
        const options = isMethod(method) && toolOptionsOf(method);
        return options ? [{ options, provider, prototype, method, methodName }] : [];
      });
    });
  }

  #compile(
    { options, provider, prototype, method, methodName }: DeclaredTool,
    problems: string[],
  ): CompiledTool {
    const types: unknown = Reflect.getMetadata('design:paramtypes', prototype, methodName);
    const [input]: unknown[] = Array.isArray(types) ? types : [];
    const wrong = [String, Number, Boolean, Array, Function].find((type) => type === input);
    if (wrong) problems.push(`its method takes a ${wrong.name}, but its input is always an object`);
    const inherited = [
      ...accessDeclarationsOf(prototype.constructor),
      { organization: needsOrganization(provider) },
    ];
    return compileTool(options, inherited, this.runners.create(provider, method, methodName), problems);
  }
}

function holdsObject(provider: InstanceWrapper<unknown>): provider is InstanceWrapper<object> {
  return typeof provider.instance === 'object' && provider.instance !== null;
}

const isMethod = (value: unknown): value is Method => typeof value === 'function';
