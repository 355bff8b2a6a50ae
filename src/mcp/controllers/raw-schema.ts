import type { Type } from '@nestjs/common';

import { isRecord } from '../../values/is-record.js';
import type { JsonSchema } from '../../values/json-schema.js';
import { messageOf } from '../../values/trace-of.js';
import { modelNameOf, rawIn } from './api-documentation.js';
import type { ClassSchema } from './class-schema.js';
import { SchemaConverter } from './convert-schema.js';

/** Classes that a schema of OpenAPI may refer to. */
export interface Models {
  /** Classes that `@ApiExtraModels()` names. */
  readonly classes: readonly Type<object>[];
  readonly schemaOf: (type: Type<object>) => ClassSchema;
}

/**
 * Converts the schema that a decorator such as `@ApiBody({ schema })` contains. Returns undefined if it contains none.
 *
 * @throws {Error} with the remedy, when the schema cannot be converted
 */
export function rawSchema(
  options: Readonly<Record<string, unknown>>,
  direction: 'input' | 'output',
  { classes, schemaOf }: Models,
): JsonSchema | undefined {
  const raw = rawIn(options);
  if (!raw) return undefined;
  const text = JSON.stringify(raw);
  const used = classes.filter((type) => text.includes(`"#/components/schemas/${modelNameOf(type)}"`));
  const schemas: JsonSchema = {};
  const definitions: JsonSchema = {};
  for (const type of used) {
    const found = schemaOf(type);
    schemas[modelNameOf(type)] = found.schema;
    Object.assign(definitions, found.definitions);
  }
  try {
    const root = { components: { schemas }, $defs: definitions };
    const schema = new SchemaConverter({ root, is30: true }, direction).convert(raw);
    return isRecord(schema['properties']) ? { type: 'object', ...schema } : schema;
  } catch (error) {
    throw new Error(
      `its schema ${messageOf(error)} Classes that it refers to must be in @ApiExtraModels().`,
      {
        cause: error,
      },
    );
  }
}
