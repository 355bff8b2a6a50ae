import { Injectable } from '@nestjs/common';
import type { Prompt, Resource, ResourceTemplateType, Tool } from '@modelcontextprotocol/server';

import { AuthorizationService } from '../authorization/authorization.service.js';
import { CatalogService } from '../catalog/catalog.service.js';
import type { Offer } from '../catalog/offer.js';
import type { RequestContext } from '../context/request-context.js';
import { Resources, type ResourceUse } from '../invocation/resources.service.js';
import { pageOf } from './list-page.js';

/** What a caller may know to be on offer, page by page. */
@Injectable()
export class Listings {
  constructor(
    private readonly catalog: CatalogService,
    private readonly authorization: AuthorizationService,
    private readonly reading: Resources,
  ) {}

  tools(request: RequestContext, cursor?: string): { tools: Tool[]; nextCursor?: string } {
    const { items, ...next } = this.#page(request, this.catalog.current.tools, cursor);
    return { tools: items.map(({ definition }) => definition), ...next };
  }

  /** The fixed resources, and those that templates stand for. */
  async resources(
    use: ResourceUse,
    cursor?: string,
  ): Promise<{ resources: Resource[]; nextCursor?: string }> {
    const { resources, templates } = this.catalog.current;
    const { principal } = use.request;
    const fixed = this.authorization.listed(principal, resources).map(({ definition }) => definition);
    const readable = templates.filter(({ access }) => access.decide(principal).outcome === 'allowed');
    const listed = await Promise.all(readable.map((template) => this.reading.listOf(template, use)));
    const all = [...fixed, ...listed.flat()].toSorted((a, b) => (a.uri < b.uri ? -1 : 1));
    const { items, ...next } = pageOf(all, ({ uri }) => uri, cursor);
    return { resources: items, ...next };
  }

  templates(
    request: RequestContext,
    cursor?: string,
  ): { resourceTemplates: ResourceTemplateType[]; nextCursor?: string } {
    const { items, ...next } = this.#page(request, this.catalog.current.templates, cursor);
    return { resourceTemplates: items.map(({ definition }) => definition), ...next };
  }

  prompts(request: RequestContext, cursor?: string): { prompts: Prompt[]; nextCursor?: string } {
    const { items, ...next } = this.#page(request, this.catalog.current.prompts, cursor);
    return { prompts: items.map(({ definition }) => definition), ...next };
  }

  #page<Offered extends Offer>(
    { principal }: RequestContext,
    offers: readonly Offered[],
    cursor: string | undefined,
  ): { items: Offered[]; nextCursor?: string } {
    return pageOf(this.authorization.listed(principal, offers), ({ name }) => name, cursor);
  }
}
