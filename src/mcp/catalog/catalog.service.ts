import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import type { Module } from '@nestjs/core/injector/module.js';

import { ProtectedResource } from '../../auth/protected-resource.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { DEFAULT_ENDPOINT, ENDPOINT } from '../../routes/endpoint-name.js';
import { Catalog, NO_OFFERS, type Offers } from './catalog.js';
import { CatalogError } from './catalog-error.js';
import { chosenBy, requireGroups } from './chosen-groups.js';
import type { CompiledTool } from './compiled-tool.js';
import { durableProviderProblems } from './durable-providers.js';
import { EndpointDeclarations } from './endpoint-declarations.js';
import { EnhancedOffers } from './enhanced-offers.js';
import { bothOf, type Examined, nothingExamined } from './examined.js';
import { addFindings, type Findings, noFindings } from './findings.js';
import { hierarchyProblems } from './hierarchy-problems.js';
import { jsonProblems } from './json-problems.js';
import { KnownNames } from './known-names.js';
import { notOffered } from './not-offered.js';
import { OFFER_SOURCES, type OfferSource } from './offer-source.js';
import { offerWarnings } from './offer-warnings.js';
import { endpointProblems, lateEndpointProblems } from './offered-at.js';
import { type ChangedList, identitiesOf, joined, listsOf, without } from './offers.js';
import { chatGptWarnings, hintWarnings } from './published-schema/client-warnings.js';
import { reservedNames } from './search-tool-names.js';
import { unserializedWarnings } from './unserialized.js';

/** Finds the decorated methods of an endpoint's providers at startup and holds its current catalog. */
@Injectable()
export class CatalogService implements OnModuleInit, OnApplicationBootstrap {
  /** Names that the tool policy may have, even of groups that the endpoint does not offer. */
  readonly names = new KnownNames();
  readonly #logger = new Logger(CatalogService.name);
  readonly #listeners = new Set<(changed: ChangedList) => void>();
  readonly #warnings = new Set<string>();
  /** Modules whose declarations are in the catalog. */
  readonly #examined = new Set<Module>();
  /** Tools of other groups than those that the endpoint offers. */
  readonly #leftOut = new Set<CompiledTool>();
  /** Names that no declaration may have, and who has them. */
  readonly #reserved: ReadonlyMap<string, string>;
  /** Names and URIs that are in use. */
  readonly #identities = new Set<string>();
  #offers = NO_OFFERS;
  /** Undefined until the first use after a change: many changes in a row build one catalog. */
  #catalog: Catalog | undefined;

  constructor(
    private readonly declarations: EndpointDeclarations,
    private readonly enhanced: EnhancedOffers,
    private readonly resource: ProtectedResource,
    private readonly modules: ModulesContainer,
    private readonly application: ApplicationConfig,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(ENDPOINT) private readonly endpoint: string,
    @Inject(OFFER_SOURCES) private readonly further: readonly OfferSource[],
  ) {
    this.#reserved = reservedNames(configuration.tools.search);
  }

  /** @throws {CatalogError} with every problem found */
  onModuleInit(): void {
    const modules = [...this.modules.values()].filter(({ isInstantiated }) => isInstantiated);
    const found = this.#examine(modules);
    this.resource.declareRouteScopes(this.further.flatMap((source) => source.routeScopesIn?.(modules) ?? []));
    const application = this.#examineApplication(modules, found);
    this.#warn([...found.warnings, ...application.warnings]);
    const problems = [...found.problems, ...application.problems, ...this.#hierarchyProblems(found)];
    if (problems.length > 0) throw new CatalogError(problems);
    for (const module of modules) this.#examined.add(module);
    this.#offer(found, NO_OFFERS); // there are no listeners yet
  }

  /**
   * Checks the groups when all providers have started, because they may add tools.
   *
   * @throws {ConfigurationError} when `TOOL_GROUPS` names a group without tools
   */
  onApplicationBootstrap(): void {
    requireGroups(this.declarations.groups, this.names.groups);
  }

  /** Current snapshot. Read it once per request so that one request sees one catalog. */
  get current(): Catalog {
    return (this.#catalog ??= new Catalog(this.#offers));
  }

  /** Warnings about declarations, such as features that some clients do not support. Each has been logged. */
  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  /**
   * Calls a listener whenever a list changes.
   *
   * @returns a function that removes the listener
   */
  onChange(listener: (changed: ChangedList) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Finds all problems in the modules' own declarations. Starts nothing.
   *
   * @param modules modules whose declarations are not in the catalog yet
   * @param earlier offers with which theirs must not share names
   */
  #examine(modules: readonly Module[], earlier = this.#offers): Examined {
    const findings = noFindings();
    const owners = new Map([
      ...identitiesOf(earlier).map((identity) => [identity, 'an earlier declaration'] as const),
      ...this.#reserved,
    ]);
    let offers = NO_OFFERS;
    const allLeftOut: CompiledTool[] = [];
    const isLate = this.#examined.size > 0;
    for (const { owner, name, compile, isLent } of this.declarations.declaredIn(modules, isLate)) {
      const own = noFindings();
      const all = this.enhanced.all(compile(own), own.problems);
      const { offers: found, leftOut } = chosenBy(this.declarations.groups, all, isLent);
      allLeftOut.push(...leftOut);
      // The default endpoint reports problems of what it lends.
      if ((isLent || leftOut.length > 0) && listsOf(found).length === 0) continue;
      for (const identity of identitiesOf(found)) {
        const other = owners.get(identity);
        if (other !== undefined)
          own.problems.push(`its ${identity} is already used by ${other}. Change one of them`);
        owners.set(identity, owner);
      }
      own.problems.push(...jsonProblems(found));
      own.warnings.push(...offerWarnings(found, this.configuration, this.enhanced.endpoint));
      addFindings(findings, own, { ofProblems: owner, ofWarnings: `${name} (${owner})` });
      offers = joined(offers, found);
    }
    return { ...findings, offers, leftOut: allLeftOut };
  }

  /**
   * Finds the problems of the whole catalog, and of the application.
   *
   * @param added modules whose declarations are not in the catalog yet
   */
  #examineApplication(added: readonly Module[], { offers }: Examined): Findings {
    const all = joined(this.#offers, offers);
    const { problems, warnings } =
      this.endpoint === DEFAULT_ENDPOINT ? this.#examineModules(added) : noFindings();
    const methods = this.declarations.methodsIn(added);
    warnings.push(...unserializedWarnings(methods, this.application, this.enhanced.endpoint));
    warnings.push(...hintWarnings(offers.tools), ...chatGptWarnings(all.tools));
    return { problems, warnings };
  }

  /** Finds the problems that belong to no single endpoint. Only the default endpoint reports them. */
  #examineModules(added: readonly Module[]): Findings {
    // Others are still being loaded.
    const modules = [...this.#examined, ...added];
    const { problems, warnings } = notOffered(modules, added);
    problems.push(...this.further.flatMap((source) => source.misplacedIn?.(modules, added) ?? []));
    problems.push(...endpointProblems(modules), ...durableProviderProblems(modules));
    if (this.#examined.size > 0) problems.push(...lateEndpointProblems(added));
    return { problems, warnings };
  }

  /**
   * Adds the declarations of modules that were loaded later. A module with problems is left out, and reported again by
   * each load that brings it.
   *
   * @returns every problem found
   */
  offerLoaded(loaded: readonly Module[]): string[] {
    const modules = loaded.filter((module) => !this.#examined.has(module));
    if (modules.length === 0) return [];
    const valid = new Map<Module, Examined>();
    const problems: string[] = [];
    let all = nothingExamined();
    for (const module of modules) {
      const found = this.#examine([module], joined(this.#offers, all.offers));
      problems.push(...found.problems);
      if (found.problems.length > 0) continue;
      valid.set(module, found);
      all = bothOf(all, found);
    }
    const application = this.#examineApplication(modules, all);
    this.#warn([...all.warnings, ...application.warnings]);
    const isAtFault = (module: Module, found: Examined): boolean =>
      application.problems.length > 0 &&
      this.#examineApplication([module], found).problems.some((problem) =>
        application.problems.includes(problem),
      );
    let added = nothingExamined();
    for (const [module, found] of valid) {
      if (isAtFault(module, found)) continue;
      this.#examined.add(module);
      added = bothOf(added, found);
    }
    if (listsOf(added.offers).length > 0 || added.leftOut.length > 0) this.#offer(added);
    return [...problems, ...application.problems];
  }

  /** @param changed offers whose lists listeners are told of */
  #offer({ offers, leftOut }: Pick<Examined, 'offers' | 'leftOut'>, changed = offers): void {
    for (const tool of leftOut) this.#leftOut.add(tool);
    this.names.add([...offers.tools, ...leftOut]);
    for (const identity of identitiesOf(offers)) this.#identities.add(identity);
    this.#replace(joined(this.#offers, offers), changed);
  }

  /**
   * Adds offers to the catalog. They are available to all requests from now on.
   *
   * @param name name of the declaration, for messages
   * @param findings findings of its compilation
   * @returns a function that removes the offers again
   * @throws {CatalogError} when the declaration is invalid or its name is already used
   */
  add(added: Partial<Offers>, name: string, findings: Findings): () => void {
    const all = this.enhanced.all({ ...NO_OFFERS, ...added }, findings.problems);
    const { offers, leftOut } = chosenBy(this.declarations.groups, all);
    const named = noFindings();
    findings.problems.push(...jsonProblems(offers));
    findings.warnings.push(...offerWarnings(offers, this.configuration, this.enhanced.endpoint));
    addFindings(named, findings, { ofProblems: name, ofWarnings: name });
    for (const identity of identitiesOf(offers)) {
      if (!this.#identities.has(identity) && !this.#reserved.has(identity)) continue;
      named.problems.push(`${name}: its ${identity} is already used`);
    }
    if (named.problems.length > 0) throw new CatalogError(named.problems);
    this.#warn(named.warnings);
    this.#offer({ offers, leftOut });
    let isOffered = true;
    return () => {
      if (!isOffered) return;
      isOffered = false;
      for (const tool of leftOut) this.#leftOut.delete(tool);
      for (const identity of identitiesOf(offers)) this.#identities.delete(identity);
      this.#replace(without(this.#offers, offers), offers);
    };
  }

  #replace(offers: Offers, changed: Offers): void {
    this.#offers = offers;
    this.#catalog = undefined;
    this.resource.declareScopes(() => this.current.scopes);
    for (const list of listsOf(changed)) this.#listeners.forEach((listener) => listener(list));
  }

  /** Finds names in the hierarchy that are no scope of an offer, a route or the configuration. */
  #hierarchyProblems(added: Examined): string[] {
    const { tools, ...others } = joined(this.#offers, added.offers);
    const { published, secret } = new Catalog({
      ...others,
      tools: [...tools, ...this.#leftOut, ...added.leftOut],
    }).scopes;
    const { configuredScopes, routeScopes } = this.resource;
    const known = new Set([...published, ...secret, ...configuredScopes, ...routeScopes]);
    return hierarchyProblems(this.configuration.scopeHierarchy, known);
  }

  /** Logs each warning once, even if a later module load finds it again. */
  #warn(warnings: readonly string[]): void {
    for (const warning of warnings) {
      if (this.#warnings.has(warning)) continue;
      this.#warnings.add(warning);
      this.#logger.warn(warning);
    }
  }
}
