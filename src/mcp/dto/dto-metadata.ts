import { createRequire } from 'node:module';

import type { Type } from '@nestjs/common';
import type { MetadataStorage } from 'class-transformer/types/MetadataStorage.js';

import { isRecord } from '../../values/is-record.js';
import { requireOptional } from '../../values/load-optional.js';
import { recordIn } from '../../values/record-in.js';
import { listIn } from '../../values/list-in.js';

const PACKAGES = ['class-validator', 'class-transformer'];

const require = createRequire(import.meta.url);

/** Packages that read and validate DTO classes. */
export interface DtoPackages {
  readonly validator: typeof import('class-validator');
  readonly transformer: typeof import('class-transformer');
  /** Metadata of class-transformer's decorators, which the package itself does not export. */
  readonly transforms: MetadataStorage;
}

/**
 * Loads class-validator and class-transformer, which only applications with DTOs install.
 *
 * @throws {Error} with the command that installs them
 */
export function loadDtoPackages(): DtoPackages {
  return requireOptional('A class as input', PACKAGES, () => {
    const validator: DtoPackages['validator'] = require('class-validator');
    const transformer: DtoPackages['transformer'] = require('class-transformer');
    const {
      defaultMetadataStorage: transforms,
    }: typeof import('class-transformer/types/storage.js') = require('class-transformer/cjs/storage.js');
    return { validator, transformer, transforms };
  });
}

/** Key that `@ApiProperty()` of @nestjs/swagger writes to. The package need not be installed. */
const API_PROPERTY = 'swagger/apiModelProperties';
const API_PROPERTIES = 'swagger/apiModelPropertiesArray';
/** Static method that the compiler plugin of @nestjs/swagger adds to a class. */
const PLUGIN_METHOD = '_OPENAPI_METADATA_FACTORY';

/** Returns the options of `@ApiProperty()` for each member, including those that the compiler plugin derives. */
export function apiPropertiesOf(type: Type<object>): ReadonlyMap<string, Record<string, unknown>> {
  const prototype: object = type.prototype;
  const found = new Map<string, Record<string, unknown>>();
  for (let own: unknown = prototype; isRecord(own); own = Object.getPrototypeOf(own)) {
    const plugin: unknown = Reflect.get(Object(own['constructor']), PLUGIN_METHOD);
    const derived: unknown = typeof plugin === 'function' ? plugin.call(own['constructor']) : undefined;
    for (const [name, options] of Object.entries(recordIn(derived))) {
      found.set(name, { ...(isRecord(options) && options), ...found.get(name) });
    }
  }
  const listed: unknown = Reflect.getMetadata(API_PROPERTIES, prototype);
  for (const entry of listIn(listed)) {
    const name = String(entry).slice(1);
    const options: unknown = Reflect.getMetadata(API_PROPERTY, prototype, name);
    found.set(name, { ...found.get(name), ...(isRecord(options) && options) });
  }
  return found;
}

/** Type that TypeScript recorded for a member: `Array` for all lists, `Object` for unions and interfaces. */
export function declaredTypeOf(type: Type<object>, name: string): unknown {
  const prototype: object = type.prototype;
  return Reflect.getMetadata('design:type', prototype, name);
}
