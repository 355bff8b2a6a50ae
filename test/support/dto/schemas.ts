import type { DtoOptions } from '../../../src/mcp/dto/dto-options.js';
import { fromDto } from '../../../src/mcp/dto/from-dto.js';

/** JSON Schema of a class. */
export const schemaOf = (type: new () => object, options?: DtoOptions): Record<string, unknown> =>
  fromDto(type, options)['~standard'].jsonSchema.input({ target: 'draft-2020-12' });

/** Properties of that schema. */
export const propertiesOf = (type: new () => object, options?: DtoOptions): object => {
  const { properties } = schemaOf(type, options);
  return typeof properties === 'object' && properties !== null ? properties : {};
};
