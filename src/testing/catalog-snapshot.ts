import type { INestApplication } from '@nestjs/common';
import type { Prompt, Resource, ResourceTemplateType, Tool } from '@modelcontextprotocol/server';

import { CatalogService } from '../mcp/catalog/catalog.service.js';
import { providerOf } from '../routes/provider-of.js';

/** Definitions that an application publishes, each list sorted by name. */
export interface CatalogSnapshot {
  readonly tools: readonly Tool[];
  readonly resources: readonly Resource[];
  readonly resourceTemplates: readonly ResourceTemplateType[];
  readonly prompts: readonly Prompt[];
}

export function snapshotOf(application: INestApplication, endpoint?: string): CatalogSnapshot {
  const { tools, resources, templates, prompts } = providerOf(application, CatalogService, endpoint).current;
  return {
    tools: sorted(tools),
    resources: sorted(resources),
    resourceTemplates: sorted(templates),
    prompts: sorted(prompts),
  };
}

const sorted = <Definition extends { readonly name: string }>(
  offers: readonly { readonly definition: Definition }[],
): Definition[] =>
  offers
    .map(({ definition }) => definition)
    .toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
