import { Global, Module, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';

import { type AuthenticatedRequest, principalOf } from '../../auth/authenticated-request.js';
import { Organization } from '../../auth/organization.js';
import { Principal } from '../../auth/principal.js';
import { organizationOf } from './caller.js';

/** Lets any provider inject the caller: {@link Principal} and {@link Organization} of the request it serves. */
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
  ],
  exports: [Principal, Organization],
})
export class CallerModule {}
