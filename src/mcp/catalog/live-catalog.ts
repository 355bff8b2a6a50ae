import { Injectable } from '@nestjs/common';

import type { CallContext } from '../context/call-context.js';
import type { ArgumentsOf, McpPromptOptions, PromptOutput } from '../decorators/mcp-prompt.decorator.js';
import type { McpResourceOptions, Variables } from '../decorators/mcp-resource.decorator.js';
import type {
  Input,
  InputOf,
  InputSchema,
  McpToolOptions,
  OutputOf,
} from '../decorators/mcp-tool.decorator.js';
import type { Offers } from './catalog.js';
import { CatalogService } from './catalog.service.js';
import { compilePrompt } from './compiled-prompt.js';
import { compileResource, isTemplate } from './compiled-resource.js';
import { compileTool } from './compiled-tool.js';
import { shapeProblems } from './declaration-shape.js';
import { type Findings, noFindings } from './findings.js';
import type { MethodRunner } from './method-runner.js';
import type { Offer } from './offer.js';
import { runHandler } from '../../logging/handler-span.js';
import { settled } from './settled.js';

/** Handler function; takes the place of a decorated method. */
type Handler<Given, Returned = unknown> = (input: Given, context: CallContext) => Returned;

/** Input of a handler. If the compiler does not know the schema, an object. */
type Known<Given> = unknown extends Given ? Record<string, unknown> : Given;

/** Removes what was added. */
export type Remove = () => void;

/** Adds and removes tools, resources and prompts while the server runs. Clients that listen on this instance are notified. */
@Injectable()
export class LiveCatalog {
  constructor(private readonly catalog: CatalogService) {}

  /** @throws {CatalogError} when the declaration is invalid or the name is already used */
  addTool<
    const Schema extends Input | undefined = undefined,
    const Output extends InputSchema | undefined = undefined,
  >(
    options: McpToolOptions<Schema, Output>,
    handler: Handler<Known<InputOf<Schema>>, OutputOf<Output>>,
  ): Remove {
    return this.#add('tool', options, (findings) => ({
      tools: [compileTool(options, [], runnerOf(handler), findings)],
    }));
  }

  /** @throws {CatalogError} when the declaration is invalid, or the name or the URI is already used */
  addResource<const Uri extends string>(
    options: Omit<McpResourceOptions<Uri>, 'list' | 'complete'>,
    handler: Handler<Variables<Uri>>,
  ): Remove {
    return this.#add('resource', options, ({ problems }) => {
      const methods = { read: runnerOf(handler), list: undefined, completions: new Map() };
      const resource = compileResource(options, [], methods, problems);
      return isTemplate(resource) ? { templates: [resource] } : { resources: [resource] };
    });
  }

  /** @throws {CatalogError} when the declaration is invalid or the name is already used */
  addPrompt<const Schema extends Input | undefined = undefined>(
    options: Omit<McpPromptOptions<Schema>, 'complete'>,
    handler: Handler<Known<ArgumentsOf<Schema>>, PromptOutput>,
  ): Remove {
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

/** Calls a handler with input that its schema has validated. */
const runnerOf = (handler: Handler<never>): MethodRunner =>
  Object.assign(
    (input: unknown, context: CallContext): unknown =>
      runHandler(() => settled(Reflect.apply(handler, undefined, [input, context]))),
    { origin: { instance: LiveCatalog.prototype, handler } },
  );
