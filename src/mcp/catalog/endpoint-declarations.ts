import { Inject, Injectable } from '@nestjs/common';
import type { Module } from '@nestjs/core/injector/module.js';

import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { DEFAULT_ENDPOINT, ENDPOINT } from '../../routes/endpoint-name.js';
import type { DeclaredOptions } from '../decorators/offer-options.js';
import { type ChosenGroups, isChosen } from './chosen-groups.js';
import { DeclaredOffers } from './declared-offers.js';
import { type DeclaredMethod, Discovery } from './discovery.js';
import type { Findings } from './findings.js';
import { type DeclaredOffer, OFFER_SOURCES, type OfferSource } from './offer-source.js';
import { endpointsOf } from './offered-at.js';

/** Declaration for an endpoint. */
export interface EndpointDeclaration extends DeclaredOffer {
  /** Whether the declaration belongs to the default endpoint, which lends tools of the chosen groups. */
  readonly isLent: boolean;
}

type Chooses = (endpoints: readonly string[]) => boolean;

/** Finds the declarations for an endpoint. With `TOOL_GROUPS`, the default endpoint lends its own to the others. */
@Injectable()
export class EndpointDeclarations {
  /** Groups of `TOOL_GROUPS`. */
  readonly groups: ChosenGroups;
  readonly #isOwn: Chooses = (endpoints) => endpoints.includes(this.endpoint);
  readonly #isLent: Chooses = (endpoints) =>
    this.groups !== undefined && !this.#isOwn(endpoints) && endpoints.includes(DEFAULT_ENDPOINT);

  constructor(
    private readonly discovery: Discovery,
    private readonly declared: DeclaredOffers,
    @Inject(CONFIGURATION) { tools: { groups } }: Configuration,
    @Inject(ENDPOINT) private readonly endpoint: string,
    @Inject(OFFER_SOURCES) private readonly further: readonly OfferSource[],
  ) {
    this.groups = groups && new Set(groups);
  }

  /** @param isLate whether the modules were loaded while the application runs, when NestJS registers no routes */
  declaredIn(modules: readonly Module[], isLate: boolean): EndpointDeclaration[] {
    const offers = (chooses: Chooses, isLent: boolean): EndpointDeclaration[] =>
      this.#offersIn(modules, isLate, chooses).map((declared) => ({ ...declared, isLent }));
    return [...offers(this.#isOwn, false), ...offers(this.#isLent, true)];
  }

  /** Returns the methods of providers that the endpoint offers. */
  methodsIn(modules: readonly Module[]): DeclaredMethod[] {
    const lent = this.#methodsIn(modules, this.#isLent);
    return [
      ...this.#methodsIn(modules, this.#isOwn),
      ...lent.filter(({ options: { tool } }) => tool && isChosen(this.groups, tool)),
    ];
  }

  #methodsIn(modules: readonly Module[], chooses: Chooses): DeclaredMethod[] {
    return this.discovery.declaredIn(modules.filter((module) => chooses(endpointsOf(module))));
  }

  #offersIn(modules: readonly Module[], isLate: boolean, chooses: Chooses): DeclaredOffer[] {
    const onProviders = this.#methodsIn(modules, chooses).map((declared) => ({
      owner: `${declared.provider.name}.${declared.methodName}`,
      name: nameIn(declared.options),
      compile: (findings: Findings) => this.declared.compile(declared, findings),
    }));
    const others = this.further.flatMap((source) => source.declaredIn(modules, isLate));
    return [...onProviders, ...others.filter(({ endpoints }) => chooses(endpoints))];
  }
}

/** Name that clients see. */
const nameIn = ({ tool, resource, prompt }: DeclaredOptions): string =>
  (tool ?? resource ?? prompt)?.name ?? 'unnamed';
