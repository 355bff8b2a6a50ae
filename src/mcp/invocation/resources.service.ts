import { Injectable } from '@nestjs/common';
import {
  type CacheHint,
  type InputRequiredResult,
  type ReadResourceResult,
  type Resource,
  ResourceNotFoundError,
} from '@modelcontextprotocol/server';

import type { AskedResource } from '../authorization/authorization.service.js';
import type { CompiledTemplate } from '../catalog/compiled-resource.js';
import type { CallOrigin } from './call.js';
import { InvocationService } from './invocation.service.js';
import { ResultLimit } from './result-limit.js';
import type { Failure } from '../failures/failure.js';
import { failed } from '../failures/protocol-failure.js';
import { Refusal, requireAllowed } from '../failures/refusal.js';
import { listedResources, toResourceContents } from './resource-contents.js';

/** Reads resources and lists the resources of templates. */
@Injectable()
export class Resources {
  constructor(
    private readonly invocation: InvocationService,
    private readonly results: ResultLimit,
  ) {}

  /**
   * Reads a resource.
   *
   * @param asked resource at the URI; undefined if it does not exist or is hidden from the caller
   * @throws {ResourceNotFoundError} `-32602` when the resource does not exist or is hidden from the caller
   * @throws {ProtocolError} when reading fails
   */
  async read(
    uri: string,
    asked: AskedResource | undefined,
    origin: CallOrigin,
  ): Promise<(ReadResourceResult & CacheHint) | InputRequiredResult> {
    if (!asked) throw resourceNotFound(uri);
    const { offer, decision, variables } = asked;
    const call = { ...origin, method: 'resources/read', offer, input: uri } as const;
    const outcome = await this.invocation.perform(call, async (context) => {
      requireAllowed(decision);
      const value = await offer.read({ ...variables }, context, origin.request);
      if (value === undefined || value === null)
        throw new Refusal('The resource does not exist.', 'not_found');
      return this.results.admit(toResourceContents(uri, offer.mimeType, value), origin.request);
    });
    if ('failure' in outcome) throw failedToRead(uri, outcome.failure);
    return 'needed' in outcome ? outcome.needed : { ...outcome.result, ...offer.cache };
  }

  /** Lists the caller's resources of a template. If the list method fails, logs the failure and returns an empty list. */
  async listOf(template: CompiledTemplate, origin: CallOrigin): Promise<Resource[]> {
    const { list } = template;
    if (!list) return [];
    const call = { ...origin, method: 'resources/list', offer: template, input: {} } as const;
    const outcome = await this.invocation.perform(call, async (context) =>
      listedResources(template.definition, await list({}, context, origin.request)),
    );
    return 'result' in outcome ? outcome.result : [];
  }
}

/** @throws {ResourceNotFoundError} when the caller may not subscribe to a resource, because it may not read it */
export function requireReadable(uri: string, asked: AskedResource | undefined): void {
  if (asked?.decision.outcome !== 'allowed') throw resourceNotFound(uri);
}

/** Creates the error, with at most 1,000 characters of the URI. */
const resourceNotFound = (uri: string): ResourceNotFoundError =>
  new ResourceNotFoundError(uri.slice(0, 1000));

/**
 * Creates the error of a failed read. An unknown URI and a handler that finds nothing, or throws NestJS's
 * NotFoundException, give the same error.
 */
const failedToRead = (uri: string, failure: Failure): Error =>
  failure.reason === 'not_found' || failure.reason === 'http_404' ? resourceNotFound(uri) : failed(failure);
