import { type DynamicModule, Module } from '@nestjs/common';

import { leaveOut } from '../../mcp/index.js';
import { AdminTools } from './admin/admin.tools.js';
import { GreetingTools } from './greeting/greeting.tools.js';
import { IdentityTools } from './identity/identity.tools.js';
import { OrganizationDirectory } from './organization/organization-directory.js';
import { OrganizationTools } from './organization/organization.tools.js';
import { TodoRepository } from './todos/todo.repository.js';
import { TodoResource } from './todos/todo.resource.js';
import { TodoTools } from './todos/todo.tools.js';

/** Tools that show what Aerie can do. Loaded with `DEMO_TOOLS=on` only. */
@Module({ providers: [GreetingTools, IdentityTools, OrganizationDirectory, OrganizationTools, AdminTools] })
export class DemoToolsModule {
  /** @param hasDatabase whether to add the providers that need a database */
  static register(hasDatabase: boolean): DynamicModule {
    const providers = hasDatabase
      ? [TodoRepository, TodoTools, TodoResource]
      : leaveOut(TodoTools, TodoResource);
    return { module: DemoToolsModule, providers };
  }
}
