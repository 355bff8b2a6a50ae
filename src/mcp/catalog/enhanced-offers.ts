import { Inject, Injectable, type Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';

import type { AccessDeclaration } from '../../auth/access/access-rule.js';
import type { Offers } from './catalog.js';
import { cacheProblems } from './compiled-resource.js';
import type { CompiledTool } from './compiled-tool.js';
import { needsOrganization } from './dependency-tree.js';
import { ENHANCED_ENDPOINT, enhancedProvider } from './endpoint-enhancers.js';
import { type MethodRunner, MethodRunnerFactory } from './method-runner.js';
import type { CompletionMethods, Offer } from './offer.js';

/** Runs the enhancers of the endpoint around every offer, also around those that are no methods of a class. */
@Injectable()
export class EnhancedOffers {
  /** Requirement of the enhancers, for the callers of every offer. */
  #required: AccessDeclaration | undefined;

  constructor(
    private readonly runners: MethodRunnerFactory,
    private readonly modules: ModulesContainer,
    /** Class that has the enhancers; undefined if the endpoint has none. */
    @Inject(ENHANCED_ENDPOINT) readonly endpoint: Type<object> | undefined,
  ) {}

  /** @param problems receives the problems, addressed to the declaration's author */
  all(offers: Offers, problems: string[]): Offers {
    if (!this.endpoint) return offers;
    const around = (run: MethodRunner): MethodRunner => this.runners.around(run);
    const tools = offers.tools.map((tool) => this.tool(tool));
    const resources = offers.resources.map((resource) =>
      this.#enhanced(resource, { read: around(resource.read) }),
    );
    const templates = offers.templates.map((template) =>
      this.#enhanced(template, {
        read: around(template.read),
        list: template.list && around(template.list),
        completions: this.#completions(template.completions),
      }),
    );
    const prompts = offers.prompts.map((prompt) =>
      this.#enhanced(prompt, {
        get: around(prompt.get),
        completions: this.#completions(prompt.completions),
      }),
    );
    const found = [...resources, ...templates].flatMap(cacheProblems);
    problems.push(...found.filter((problem) => !problems.includes(problem)));
    return { tools, resources, templates, prompts };
  }

  tool(tool: CompiledTool): CompiledTool {
    return this.endpoint ? this.#enhanced(tool, { run: this.runners.around(tool.run) }) : tool;
  }

  /** Replaces methods of an offer. The offer needs an organization if an enhancer does. */
  #enhanced<Offered extends Offer>(offer: Offered, methods: Partial<Offered>): Offered {
    this.#required ??= {
      organization:
        this.endpoint !== undefined && needsOrganization(enhancedProvider(this.endpoint, this.modules)),
    };
    const enhanced: Offered = { ...offer, ...methods, access: offer.access.within(this.#required) };
    Object.freeze(enhanced);
    return enhanced;
  }

  #completions(completions: CompletionMethods): CompletionMethods {
    return new Map([...completions].map(([name, complete]) => [name, this.runners.around(complete)]));
  }
}
