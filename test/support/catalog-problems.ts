import type { ModuleMetadata } from '@nestjs/common';

import { CatalogError } from '../../src/mcp/catalog/catalog-error.js';
import { AerieTest } from '../../src/testing/index.js';

/** Returns the problems of a catalog that stop the start of an application. */
export async function catalogProblems(metadata: ModuleMetadata): Promise<CatalogError['problems']> {
  const error: unknown = await AerieTest.create(metadata)
    .compile()
    .then(
      (started) => started.close(),
      (fault: unknown) => fault,
    );
  if (!(error instanceof CatalogError)) throw error;
  return error.problems;
}
