import { Injectable, type OnModuleInit } from '@nestjs/common';

import type { Principal } from '../../auth/principal.js';
import { AuthorizationService } from '../authorization/authorization.service.js';
import { CatalogService, type ChangedList } from '../catalog/catalog.service.js';

/** Whom an update of a resource concerns: an organisation, a subject without one, or everybody who may read it. */
export type Audience = { readonly organizationId: string } | { readonly subject: string } | 'everybody';

/** Something that listeners want to hear of. */
export type ChangeEvent =
  | { readonly kind: 'list_changed'; readonly list: ChangedList }
  | { readonly kind: 'resource_updated'; readonly uri: string; readonly audience: Audience };

/** Tells those who listen what has changed. */
@Injectable()
export class ChangeEvents implements OnModuleInit {
  readonly #listeners = new Set<(event: ChangeEvent) => void>();

  constructor(
    private readonly catalog: CatalogService,
    private readonly authorization: AuthorizationService,
  ) {}

  onModuleInit(): void {
    this.catalog.onChange((list) => this.publish({ kind: 'list_changed', list }));
  }

  publish(event: ChangeEvent): void {
    this.#listeners.forEach((listener) => listener(event));
  }

  /**
   * Has a listener told of every event that concerns the caller, as it may read now.
   *
   * @returns what ends it
   */
  listen(principal: Principal, listener: (event: ChangeEvent) => void): () => void {
    const heard = (event: ChangeEvent): void => {
      if (this.#concerns(principal, event)) listener(event);
    };
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  #concerns(principal: Principal, event: ChangeEvent): boolean {
    if (event.kind === 'list_changed') return true;
    return isAmong(event.audience, principal) && this.authorization.mayRead(principal, event.uri);
  }
}

function isAmong(audience: Audience, { organizationId, subject }: Principal): boolean {
  if (audience === 'everybody') return true;
  if ('organizationId' in audience) return audience.organizationId === organizationId;
  return audience.subject === subject && organizationId === undefined;
}

/** Whom a caller's own resources concern: its organisation, or itself where it has none. */
export const audienceOf = ({ organizationId, subject }: Principal): Audience =>
  organizationId === undefined ? { subject } : { organizationId };
