import { Injectable } from '@nestjs/common';
import {
  type CacheHint,
  type InputRequiredResult,
  type ReadResourceResult,
  type Resource,
  ResourceNotFoundError,
} from '@modelcontextprotocol/server';

import { AuthorizationService } from '../authorization/authorization.service.js';
import type { CompiledTemplate } from '../catalog/compiled-resource.js';
import { type Call, type Failure, InvocationService, Refusal } from './invocation.service.js';
import { failed } from './protocol-failure.js';
import { requireAllowed } from './refusals.js';
import { listedResources, toResourceContents } from './resource-contents.js';

/** Reason of a read of something that is not there. */
const NOT_FOUND = 'not_found';

/** Reason of a read that a NestJS exception says the same of. */
const HTTP_NOT_FOUND = 'http_404';

export type ResourceUse = Omit<Call, 'method' | 'offer' | 'input'>;

/** Reads resources, and lists those that templates stand for. */
@Injectable()
export class Resources {
  constructor(
    private readonly authorization: AuthorizationService,
    private readonly invocation: InvocationService,
  ) {}

  /**
   * Reads a resource.
   *
   * @throws {ResourceNotFoundError} `-32602` when there is none, or none that the caller may know of
   * @throws {ProtocolError} when it cannot be read
   */
  async read(uri: string, use: ResourceUse): Promise<(ReadResourceResult & CacheHint) | InputRequiredResult> {
    const found = this.authorization.findResource(use.request.principal, uri);
    if (!found) throw resourceNotFound(uri);
    const { offer, decision, variables } = found;
    const call = { ...use, method: 'resources/read', offer, input: uri } as const;
    const outcome = await this.invocation.perform(call, async (context) => {
      requireAllowed(decision);
      const value = await offer.read(variables, context, use.request);
      if (value === undefined || value === null) throw new Refusal('There is no such resource.', NOT_FOUND);
      return this.invocation.admit(toResourceContents(uri, offer.mimeType, value), use.request);
    });
    if ('failure' in outcome) throw failedToRead(uri, outcome.failure);
    return 'needed' in outcome ? outcome.needed : { ...outcome.result, ...offer.cache };
  }

  /** The resources that a template stands for, for this caller; none, but a line in the log, when its method fails. */
  async listOf(template: CompiledTemplate, use: ResourceUse): Promise<Resource[]> {
    const { list } = template;
    if (!list) return [];
    const call = { ...use, method: 'resources/list', offer: template, input: {} } as const;
    const outcome = await this.invocation.perform(call, async (context) =>
      listedResources(template.definition, await list({}, context, use.request)),
    );
    return 'result' in outcome ? outcome.result : [];
  }
}

/** Repeats only the beginning of a long URI. */
export const resourceNotFound = (uri: string): ResourceNotFoundError =>
  new ResourceNotFoundError(uri.slice(0, 1000));

/** A resource that is not there looks the same whether there is none of that form or the handler knows none. */
const failedToRead = (uri: string, failure: Failure): Error =>
  failure.reason === NOT_FOUND || failure.reason === HTTP_NOT_FOUND ? resourceNotFound(uri) : failed(failure);
