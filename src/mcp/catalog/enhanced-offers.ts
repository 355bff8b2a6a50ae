import { Inject, Injectable, type Type } from '@nestjs/common';

import type { Offers } from './catalog.js';
import type { CompiledTool } from './compiled-tool.js';
import { ENHANCED_ENDPOINT } from './endpoint-enhancers.js';
import { type MethodRunner, MethodRunnerFactory } from './method-runner.js';
import type { CompletionMethods } from './offer.js';

/** Runs the enhancers of the endpoint around every offer, also around those that are no methods of a class. */
@Injectable()
export class EnhancedOffers {
  constructor(
    private readonly runners: MethodRunnerFactory,
    /** Class that has the enhancers; undefined if the endpoint has none. */
    @Inject(ENHANCED_ENDPOINT) readonly endpoint: Type<object> | undefined,
  ) {}

  all(offers: Offers): Offers {
    if (!this.endpoint) return offers;
    const { tools, resources, templates, prompts } = offers;
    const around = (run: MethodRunner): MethodRunner => this.runners.around(run);
    return {
      tools: tools.map((tool) => this.tool(tool)),
      resources: resources.map((resource) => ({ ...resource, read: around(resource.read) })),
      templates: templates.map((template) => ({
        ...template,
        read: around(template.read),
        list: template.list && around(template.list),
        completions: this.#completions(template.completions),
      })),
      prompts: prompts.map((prompt) => ({
        ...prompt,
        get: around(prompt.get),
        completions: this.#completions(prompt.completions),
      })),
    };
  }

  tool(tool: CompiledTool): CompiledTool {
    return { ...tool, run: this.runners.around(tool.run) };
  }

  #completions(completions: CompletionMethods): CompletionMethods {
    return new Map([...completions].map(([name, complete]) => [name, this.runners.around(complete)]));
  }
}
