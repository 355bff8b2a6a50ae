import { Global, Logger, Module, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';

import { type AuthenticatedRequest, principalOf } from '../../auth/authenticated-request.js';
import { Organization } from '../../auth/organization.js';
import { Principal } from '../../auth/principal.js';
import type { Configuration } from '../../config/configuration.js';
import { SHARED_CONFIGURATION } from '../../config/shared-configuration.module.js';
import { organizationOf } from './caller.js';
import { OrganizationContexts } from './organization-contexts.js';
import { Tenant } from './tenant.js';
import { traceOf } from '../../values/trace-of.js';

/**
 * Makes the caller injectable: {@link Principal} and {@link Organization} for request-scoped providers, and
 * {@link Tenant} for durable providers.
 */
@Global()
@Module({
  providers: [
    {
      provide: Principal,
      scope: Scope.REQUEST,
      inject: [REQUEST],
      useFactory: (request: AuthenticatedRequest) => principalOf(request),
    },
    {
      provide: Organization,
      scope: Scope.REQUEST,
      inject: [Principal],
      useFactory: (principal: Principal) => organizationOf(principal),
    },
    {
      provide: Tenant,
      scope: Scope.REQUEST,
      durable: true,
      inject: [REQUEST],
      useFactory: tenantOf,
    },
    {
      provide: OrganizationContexts,
      inject: [SHARED_CONFIGURATION],
      useFactory: ({ tools }: Configuration) =>
        new OrganizationContexts(tools.maxOrganizationsInMemory, (error, organizationId) => {
          new Logger('Tenants').error(
            `A resource of the organization ${organizationId} could not be released: ${traceOf(error)}`,
          );
        }),
    },
  ],
  exports: [Principal, Organization, Tenant, OrganizationContexts],
})
export class CallerModule {}

/** @param payload value that the context of a tool call has instead of the request */
function tenantOf(payload: unknown): Tenant {
  if (payload instanceof Tenant) return payload;
  throw new Error(
    'Tenant is available only in tools and their dependencies. Remove it from other providers.',
  );
}
