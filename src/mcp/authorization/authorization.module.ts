import { Global, Module } from '@nestjs/common';

import { CatalogModule } from '../catalog/catalog.module.js';
import { ToolPolicyService } from '../policy/tool-policy.service.js';
import { AuthorizationService } from './authorization.service.js';

/** Decides who may know of and use an offer. Global, so that the policy is read before the application's modules start. */
@Global()
@Module({
  imports: [CatalogModule],
  providers: [ToolPolicyService, AuthorizationService],
  exports: [ToolPolicyService, AuthorizationService],
})
export class AuthorizationModule {}
