import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { type CallContext, type ListedResource, McpResource, McpTool } from '../../src/mcp/index.js';

const page = z.object({ title: z.string().min(1), text: z.string() });

@Injectable()
export class Wiki {
  readonly #pages = new Map<string, Map<string, string>>();

  @McpResource({
    uri: 'wiki://{title}',
    name: 'page',
    description: "A page of your organization's wiki.",
    mimeType: 'text/markdown',
    scopes: ['usr:read'],
    list: 'pages',
    complete: { title: 'titles' },
  })
  page({ title }: { title: string }, { organization }: CallContext): string | undefined {
    return this.#pagesOf(organization.id).get(title);
  }

  pages(_nothing: object, { organization }: CallContext): ListedResource[] {
    const titles = [...this.#pagesOf(organization.id).keys()];
    return titles.map((title) => ({ uri: uriOf(title), name: title }));
  }

  titles({ value }: { value: string }, { organization }: CallContext): string[] {
    return [...this.#pagesOf(organization.id).keys()].filter((title) => title.startsWith(value));
  }

  @McpTool({
    name: 'write_page',
    description: "Writes a page of your organization's wiki.",
    input: page,
    scopes: ['usr:read'],
    annotations: { destructiveHint: true, idempotentHint: true },
  })
  writePage({ title, text }: z.output<typeof page>, context: CallContext): void {
    const pages = this.#pagesOf(context.organization.id);
    const isNew = !pages.has(title);
    pages.set(title, text);
    context.resourceUpdated(uriOf(title));
    if (isNew) context.resourceListChanged();
  }

  #pagesOf(organizationId: string): Map<string, string> {
    const pages = this.#pages.get(organizationId) ?? new Map<string, string>();
    this.#pages.set(organizationId, pages);
    return pages;
  }
}

const uriOf = (title: string): string => `wiki://${encodeURIComponent(title)}`;
