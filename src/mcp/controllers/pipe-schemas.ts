import {
  DefaultValuePipe,
  ParseArrayPipe,
  ParseBoolPipe,
  ParseDatePipe,
  ParseEnumPipe,
  ParseFloatPipe,
  ParseIntPipe,
  ParseUUIDPipe,
} from '@nestjs/common';

import type { JsonSchema } from '../../values/json-schema.js';
import { recordIn } from '../../values/record-in.js';
import { enumValuesOf } from '../dto/enum-values.js';

/** Knowledge of a parameter that its pipes give. */
export interface PipeKnowledge {
  /** Schema, if a pipe names the type. */
  readonly schema: JsonSchema | undefined;
  /** Whether the pipes refuse a missing value; undefined if no pipe says so. */
  readonly isRequired: boolean | undefined;
  /** Class of the elements that `ParseArrayPipe` validates. */
  readonly items: unknown;
  /** Value in place of a missing one. */
  readonly fallback: unknown;
}

/** Pipes that parse a text, with the schema of what they accept. */
const PARSERS: readonly (readonly [pipe: object, schema: JsonSchema])[] = [
  [ParseIntPipe, { type: 'integer' }],
  [ParseFloatPipe, { type: 'number' }],
  [ParseBoolPipe, { type: 'boolean' }],
  [ParseUUIDPipe, { type: 'string', format: 'uuid' }],
  [ParseDatePipe, { type: 'string', format: 'date-time' }],
  [ParseEnumPipe, {}],
  [ParseArrayPipe, { type: 'array', items: { type: 'string' } }],
];

/** Reads the pipes of a parameter, in their order. Unknown pipes say nothing. */
export function readPipes(pipes: readonly unknown[]): PipeKnowledge {
  let known: PipeKnowledge = {
    schema: undefined,
    isRequired: undefined,
    items: undefined,
    fallback: undefined,
  };
  for (const pipe of pipes) {
    const members = recordIn(pipe);
    if (isA(pipe, DefaultValuePipe)) {
      known = { ...known, fallback: members['defaultValue'], isRequired: known.isRequired ?? false };
      continue;
    }
    const parser = PARSERS.find(([type]) => isA(pipe, type));
    if (!parser) continue;
    const options = recordIn(members['options']);
    const isOptional = options['optional'] === true || options['default'] !== undefined;
    known = {
      ...known,
      schema: { ...parser[1], ...enumOf(members['enumType']) },
      items: known.items ?? options['items'],
      isRequired: known.isRequired ?? !isOptional,
    };
  }
  return known;
}

/** Whether a pipe is an instance of a class, or the class itself. */
const isA = (pipe: unknown, type: object): boolean =>
  pipe === type || (typeof type === 'function' && typeof pipe === 'object' && pipe instanceof type);

/** Values of an enum. */
export function enumOf(type: unknown): JsonSchema {
  const values: readonly unknown[] = Array.isArray(type) ? type : enumValuesOf(recordIn(type));
  if (values.length === 0) return {};
  const [first] = values;
  const isUniform = values.every((value) => typeof value === typeof first);
  return { ...(isUniform && { type: typeof first }), enum: values };
}
