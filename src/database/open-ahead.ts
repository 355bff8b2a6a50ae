import type { INestApplicationContext, Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

import { Database } from './database.js';
import { OrganizationDatabase } from './organization-database.js';

/**
 * Opens the embedded database in the background if a provider or controller injects it, so that no call waits for its
 * start.
 */
export function openAhead(application: INestApplicationContext): void {
  const providers = [...application.get(ModulesContainer).values()].flatMap((module) => [
    ...module.providers.values(),
    ...module.controllers.values(),
  ]);
  if (providers.some((wrapper) => injects(wrapper, OrganizationDatabase))) {
    application.get(Database, { strict: false }).openAhead();
  }
}

function injects({ metatype, inject }: InstanceWrapper, dependency: Type): boolean {
  const types: unknown = inject ?? (metatype && Reflect.getMetadata('design:paramtypes', metatype));
  return Array.isArray(types) && types.includes(dependency);
}
