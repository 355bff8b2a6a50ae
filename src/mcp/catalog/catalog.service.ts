import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { Module } from '@nestjs/core/injector/module.js';

import { ProtectedResource } from '../../auth/protected-resource.js';
import { closestName } from '../../values/closest-name.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { DEFAULT_ENDPOINT, ENDPOINT } from '../../routes/endpoint-name.js';
import type { DeclaredOptions } from '../decorators/offer-options.js';
import { Catalog, NO_OFFERS, type Offers } from './catalog.js';
import { CatalogError } from './catalog-error.js';
import { DeclaredOffers } from './declared-offers.js';
import { Discovery } from './discovery.js';
import { durableProviderProblems } from './durable-providers.js';
import { addFindings, type Findings, noFindings } from './findings.js';
import { notOffered } from './not-offered.js';
import { type DeclaredOffer, OFFER_SOURCES, type OfferSource } from './offer-source.js';
import { endpointProblems, isOfferedAt, lateEndpointProblems } from './offered-at.js';
import { type ChangedList, identitiesOf, joined, listsOf, without } from './offers.js';
import { chatGptWarnings, toolNameWarnings } from './published-schema/client-warnings.js';

/** Finds the decorated methods of an endpoint's providers at startup and holds its current catalog. */
@Injectable()
export class CatalogService implements OnModuleInit {
  readonly #logger = new Logger(CatalogService.name);
  readonly #listeners = new Set<(changed: ChangedList) => void>();
  readonly #warnings: string[] = [];
  /** Modules whose declarations are in the catalog. */
  readonly #offered = new Set<Module>();
  #catalog = new Catalog(NO_OFFERS);

  constructor(
    private readonly discovery: Discovery,
    private readonly declared: DeclaredOffers,
    private readonly resource: ProtectedResource,
    private readonly modules: ModulesContainer,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(ENDPOINT) private readonly endpoint: string,
    @Inject(OFFER_SOURCES) private readonly further: readonly OfferSource[],
  ) {}

  /** @throws {CatalogError} with every problem found */
  onModuleInit(): void {
    const offers = this.#takeDeclared();
    this.#replace(joined(this.#catalog, offers), NO_OFFERS); // there are no listeners yet
  }

  /** Current snapshot. Read it once per request so that one request sees one catalog. */
  get current(): Catalog {
    return this.#catalog;
  }

  /** Warnings about declarations, such as features that some clients do not support. Each has been logged. */
  get warnings(): readonly string[] {
    return this.#warnings;
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
   * Finds all problems in the modules' declarations. Starts nothing.
   *
   * @param modules modules whose declarations are not in the catalog yet
   */
  examine(modules: readonly Module[] = [...this.modules.values()]): Findings & { readonly offers: Offers } {
    const findings = noFindings();
    const owners = new Map(
      identitiesOf(this.#catalog).map((identity) => [identity, 'an earlier declaration']),
    );
    let offers = NO_OFFERS;
    const offering = modules.filter((module) => isOfferedAt(this.endpoint, module));
    for (const { owner, name, compile } of this.#declaredIn(offering)) {
      const own = noFindings();
      const found = compile(own);
      for (const identity of identitiesOf(found)) {
        const other = owners.get(identity);
        if (other !== undefined) own.problems.push(`its ${identity} is already used by ${other}`);
        owners.set(identity, owner);
      }
      own.warnings.push(...this.#nameWarnings(found));
      addFindings(findings, own, { ofProblems: owner, ofWarnings: `${name} (${owner})` });
      offers = joined(offers, found);
    }
    const all = this.endpoint === DEFAULT_ENDPOINT ? this.#examineApplication(modules) : noFindings();
    findings.problems.push(
      ...all.problems,
      ...this.#hierarchyProblems(new Catalog(joined(this.#catalog, offers))),
    );
    const { tools } = joined(this.#catalog, offers);
    findings.warnings.push(...all.warnings, ...hintWarnings(offers), ...chatGptWarnings(tools));
    return { ...findings, offers };
  }

  #declaredIn(modules: readonly Module[]): DeclaredOffer[] {
    const onProviders = this.discovery.declaredIn(modules).map((declared) => ({
      owner: `${declared.provider.name}.${declared.methodName}`,
      name: nameIn(declared.options),
      compile: (findings: Findings) => this.declared.compile(declared, findings),
    }));
    return [...onProviders, ...this.further.flatMap((source) => source.declaredIn(modules))];
  }

  /**
   * Finds the problems that belong to no single endpoint. Only the default endpoint reports them.
   *
   * @param added modules whose declarations are not in the catalog yet
   */
  #examineApplication(added: readonly Module[]): Findings {
    const modules = [...this.modules.values()];
    const { problems, warnings } = notOffered(modules);
    problems.push(...this.further.flatMap((source) => source.misplacedIn?.(modules) ?? []));
    problems.push(...endpointProblems(modules), ...durableProviderProblems(modules));
    if (this.#offered.size > 0) problems.push(...lateEndpointProblems(added));
    return { problems, warnings };
  }

  /**
   * Adds the declarations of modules loaded since the last call.
   *
   * @throws {CatalogError} with every problem found
   */
  offerLoaded(): void {
    const offers = this.#takeDeclared();
    if (listsOf(offers).length > 0) this.#replace(joined(this.#catalog, offers), offers);
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
    const offers = { ...NO_OFFERS, ...added };
    const taken = new Set(identitiesOf(this.#catalog));
    const all = noFindings();
    findings.warnings.push(...this.#nameWarnings(offers));
    addFindings(all, findings, { ofProblems: name, ofWarnings: name });
    for (const identity of identitiesOf(offers)) {
      if (taken.has(identity)) all.problems.push(`${name}: its ${identity} is already used`);
    }
    if (all.problems.length > 0) throw new CatalogError(all.problems);
    this.#warn(all.warnings);
    this.#replace(joined(this.#catalog, offers), offers);
    return () => this.#replace(without(this.#catalog, offers), offers);
  }

  /** Compiles the declarations of newly loaded modules. */
  #takeDeclared(): Offers {
    const modules = [...this.modules.values()].filter(
      (module) => module.isInstantiated && !this.#offered.has(module),
    );
    const { offers, problems, warnings } = this.examine(modules);
    this.#warn(warnings);
    if (problems.length > 0) throw new CatalogError(problems);
    for (const module of modules) this.#offered.add(module);
    return offers;
  }

  #replace(offers: Offers, changed: Offers): void {
    this.#catalog = new Catalog(offers);
    this.resource.declareScopes(this.#catalog.scopes);
    for (const list of listsOf(changed)) this.#listeners.forEach((listener) => listener(list));
  }

  #hierarchyProblems({ scopes: { published, secret } }: Catalog): string[] {
    const known = new Set([...published, ...secret, ...this.resource.configuredScopes]);
    return this.configuration.scopeHierarchy.unknownAmong(known).map((name) => {
      const meant = closestName(name, known);
      return (
        `SCOPE_HIERARCHY: "${name}" is not a scope that any tool, resource or prompt needs. ${meant === undefined ? '' : `Did you mean "${meant}"? `}` +
        "Correct it, or list it in the metadata's scopes_supported or SIGN_IN_SCOPES."
      );
    });
  }

  #nameWarnings({ tools }: Offers): string[] {
    return tools.flatMap(({ name }) => toolNameWarnings(name, this.configuration.server.name));
  }

  /** Logs each warning once, even if a later module load finds it again. */
  #warn(warnings: readonly string[]): void {
    for (const warning of warnings) {
      if (this.#warnings.includes(warning)) continue;
      this.#warnings.push(warning);
      this.#logger.warn(warning);
    }
  }
}

/** Name that clients see. */
const nameIn = ({ tool, resource, prompt }: DeclaredOptions): string =>
  (tool ?? resource ?? prompt)?.name ?? 'unnamed';

function hintWarnings({ tools }: Offers): string[] {
  const silent = tools
    .filter(
      ({ definition: { annotations = {} } }) =>
        !('readOnlyHint' in annotations || 'destructiveHint' in annotations),
    )
    .map(({ name }) => name);
  return silent.length === 0
    ? []
    : [
        `Clients must treat ${silent.join(', ')} as destructive: the annotations set neither readOnlyHint nor destructiveHint.`,
      ];
}
