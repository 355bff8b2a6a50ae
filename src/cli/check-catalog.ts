import type { ModuleMetadata } from '@nestjs/common';

import { createApplication } from '../application.js';
import type { Configuration } from '../config/configuration.js';
import { CatalogService } from '../mcp/catalog/catalog.service.js';
import { McpModule } from '../mcp/mcp.module.js';
import { ToolPolicyService } from '../mcp/policy/tool-policy.service.js';
import type { Findings } from './findings.js';

/**
 * Puts the application together as the start does, and checks what it offers. Connects to nothing and listens
 * nowhere: only the steps that check run, and not those that start something.
 *
 * @param further modules that a deployment, or a test, adds
 */
export async function checkCatalog(
  configuration: Configuration,
  further?: ModuleMetadata['imports'],
): Promise<Findings> {
  const errors: Error[] = [];
  const run = async <Outcome>(step: () => Outcome | Promise<Outcome>): Promise<Outcome | undefined> => {
    try {
      return await step();
    } catch (error) {
      errors.push(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  };
  const application = await run(() => createApplication(offline(configuration), further));
  if (!application) return { errors, warnings: [] };
  await run(() => application.get(McpModule).onModuleInit());
  if (configuration.sessions.sse) {
    const { SseModule } = await import('../mcp/sse-2024/sse.module.js');
    await run(() => application.get(SseModule).onModuleInit());
  }
  const catalog = application.get(CatalogService);
  await run(() => catalog.onModuleInit());
  // Without the catalog, the policy would name nothing but unknown tools.
  if (errors.length === 0) await run(() => application.get(ToolPolicyService).onApplicationBootstrap());
  await application.close();
  return { errors, warnings: catalog.warnings };
}

const offline = (configuration: Configuration): Configuration => ({
  ...configuration,
  redisUrl: undefined,
  devIssuer: undefined,
  log: { level: 'silent' },
});
