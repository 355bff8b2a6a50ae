import { Injectable } from '@nestjs/common';

import { isObject } from '../../values/is-object.js';
import type { CallContext } from '../context/call-context.js';
import type { McpPromptOptions } from '../decorators/mcp-prompt.decorator.js';
import type { McpResourceOptions } from '../decorators/mcp-resource.decorator.js';
import type { McpToolOptions } from '../decorators/mcp-tool.decorator.js';
import type { Offers } from './catalog.js';
import { CatalogService } from './catalog.service.js';
import { compilePrompt } from './compiled-prompt.js';
import { compileResource, isTemplate } from './compiled-resource.js';
import { compileTool } from './compiled-tool.js';
import { shapeProblems } from './declaration-shape.js';
import { type Findings, noFindings } from './findings.js';
import type { Offer } from './offer.js';
import { runHandler } from '../../logging/handler-span.js';
import { settled } from './settled.js';

/** Handler function; takes the place of a decorated method. */
type Handler = (input: Record<string, unknown>, context: CallContext) => unknown;

/** Removes what was added. */
export type Remove = () => void;

/** Adds and removes tools, resources and prompts while the server runs. Clients that listen on this instance are notified. */
@Injectable()
export class LiveCatalog {
  constructor(private readonly catalog: CatalogService) {}

  /** @throws {CatalogError} when the declaration is invalid or the name is already used */
  addTool(options: McpToolOptions, handler: Handler): Remove {
    return this.#add('tool', options, (findings) => ({
      tools: [compileTool(options, [], runnerOf(handler), findings)],
    }));
  }

  /** @throws {CatalogError} when the declaration is invalid, or the name or the URI is already used */
  addResource(options: Omit<McpResourceOptions, 'list' | 'complete'>, handler: Handler): Remove {
    return this.#add('resource', options, ({ problems }) => {
      const methods = { read: runnerOf(handler), list: undefined, completions: new Map() };
      const resource = compileResource(options, [], methods, problems);
      return isTemplate(resource) ? { templates: [resource] } : { resources: [resource] };
    });
  }

  /** @throws {CatalogError} when the declaration is invalid or the name is already used */
  addPrompt(options: Omit<McpPromptOptions, 'complete'>, handler: Handler): Remove {
    return this.#add('prompt', options, (findings) => {
      const methods = { get: runnerOf(handler), completions: new Map() };
      return { prompts: [compilePrompt(options, [], methods, findings)] };
    });
  }

  #add(
    kind: Offer['kind'],
    options: { readonly name: string },
    compile: (findings: Findings) => Partial<Offers>,
  ): Remove {
    const findings = noFindings();
    findings.problems.push(...shapeProblems(kind, options));
    const added = findings.problems.length > 0 ? {} : compile(findings);
    return this.catalog.add(added, options.name, findings);
  }
}

const runnerOf =
  (handler: Handler) =>
  (input: unknown, context: CallContext): unknown =>
    runHandler(() => settled(handler(isObject(input) ? input : {}, context)));
