import { Module } from '@nestjs/common';

import { AdminTools } from './admin/admin.tools.js';
import { GreetingTools } from './greeting/greeting.tools.js';
import { IdentityTools } from './identity/identity.tools.js';
import { OrganizationDirectory } from './organization/organization-directory.js';
import { OrganizationTools } from './organization/organization.tools.js';

/** What this deployment offers. Add a provider here and its tools are on offer. */
@Module({ providers: [GreetingTools, IdentityTools, OrganizationDirectory, OrganizationTools, AdminTools] })
export class ToolsModule {}
