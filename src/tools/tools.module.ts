import { type DynamicModule, Module } from '@nestjs/common';

import type { Configuration } from '../config/configuration.js';
import { leaveOut } from '../mcp/index.js';
import { AdminTools } from './admin/admin.tools.js';
import { GreetingTools } from './greeting/greeting.tools.js';
import { IdentityTools } from './identity/identity.tools.js';
import { OrganizationDirectory } from './organization/organization-directory.js';
import { OrganizationTools } from './organization/organization.tools.js';
import { TodoRepository } from './todos/todo.repository.js';
import { TodoResource } from './todos/todo.resource.js';
import { TodoTools } from './todos/todo.tools.js';

/** What this deployment offers. Add a provider here and its tools are on offer. */
@Module({ providers: [GreetingTools, IdentityTools, OrganizationDirectory, OrganizationTools, AdminTools] })
export class ToolsModule {
  /** Adds what needs a database where there is one. */
  static register({ database }: Configuration): DynamicModule {
    const providers = database
      ? [TodoRepository, TodoTools, TodoResource]
      : leaveOut(TodoTools, TodoResource);
    return { module: ToolsModule, providers };
  }
}
