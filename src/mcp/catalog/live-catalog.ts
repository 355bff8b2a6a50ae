import { Injectable } from '@nestjs/common';

import type { CallContext } from '../context/call-context.js';
import type { McpPromptOptions } from '../decorators/mcp-prompt.decorator.js';
import type { McpResourceOptions } from '../decorators/mcp-resource.decorator.js';
import type { McpToolOptions } from '../decorators/mcp-tool.decorator.js';
import { CatalogService } from './catalog.service.js';
import { compilePrompt } from './compiled-prompt.js';
import { compileResource, isTemplate } from './compiled-resource.js';
import { compileTool } from './compiled-tool.js';
import { noFindings } from './findings.js';
import { settled } from './settled.js';

/** What a decorated method would do. */
type Handler = (input: Record<string, unknown>, context: CallContext) => unknown;

/** Takes away what was added. */
export type Remove = () => void;

/**
 * Adds tools, resources and prompts while the server runs, and takes them away again. Clients that listen to this
 * instance are told.
 */
@Injectable()
export class LiveCatalog {
  constructor(private readonly catalog: CatalogService) {}

  /** @throws {CatalogError} when something is wrong with the declaration, or the name is taken */
  addTool(options: McpToolOptions, handler: Handler): Remove {
    const findings = noFindings();
    const tool = compileTool(options, [], runnerOf(handler), findings);
    return this.catalog.add({ tools: [tool] }, options.name, findings);
  }

  /** @throws {CatalogError} when something is wrong with the declaration, or the name or the URI is taken */
  addResource(options: Omit<McpResourceOptions, 'list' | 'complete'>, handler: Handler): Remove {
    const findings = noFindings();
    const methods = { read: runnerOf(handler), list: undefined, completions: new Map() };
    const resource = compileResource(options, [], methods, findings.problems);
    const added = isTemplate(resource) ? { templates: [resource] } : { resources: [resource] };
    return this.catalog.add(added, options.name, findings);
  }

  /** @throws {CatalogError} when something is wrong with the declaration, or the name is taken */
  addPrompt(options: Omit<McpPromptOptions, 'complete'>, handler: Handler): Remove {
    const findings = noFindings();
    const methods = { get: runnerOf(handler), completions: new Map() };
    const prompt = compilePrompt(options, [], methods, findings);
    return this.catalog.add({ prompts: [prompt] }, options.name, findings);
  }
}

const runnerOf =
  (handler: Handler) =>
  (input: unknown, context: CallContext): unknown =>
    settled(handler(isInput(input) ? input : {}, context));

const isInput = (input: unknown): input is Record<string, unknown> =>
  typeof input === 'object' && input !== null;
