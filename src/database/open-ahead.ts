import type { INestApplicationContext, Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';

import { Database } from './database.js';
import { OrganizationDatabase } from './organization-database.js';

/** Opens the embedded database in the background if a provider injects it, so that no call waits for its start. */
export function openAhead(application: INestApplicationContext): void {
  const providers = [...application.get(ModulesContainer).values()].flatMap((module) => [
    ...module.providers.values(),
  ]);
  if (providers.some(({ metatype }) => metatype && injects(metatype, OrganizationDatabase))) {
    application.get(Database, { strict: false }).openAhead();
  }
}

function injects(metatype: Function, dependency: Type): boolean {
  const types: unknown = Reflect.getMetadata('design:paramtypes', metatype);
  return Array.isArray(types) && types.includes(dependency);
}
