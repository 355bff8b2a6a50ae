import type { Type } from '@nestjs/common';
import { HTTP_CODE_METADATA } from '@nestjs/common/internal';

import { isRecord } from '../../values/is-record.js';
import { isClass } from '../dto/is-class.js';
import { listIn } from '../../values/list-in.js';
import { recordIn } from '../../values/record-in.js';

/**
 * Keys that decorators of @nestjs/swagger write to. The package need not be installed, and its compiler plugin writes
 * the same.
 */
const OPERATION = 'swagger/apiOperation';
const PARAMETERS = 'swagger/apiParameters';
const RESPONSE = 'swagger/apiResponse';
const EXTRA_MODELS = 'swagger/apiExtraModels';
const SCHEMA = 'swagger/apiSchema';

type Options = Readonly<Record<string, unknown>>;

/** Documentation of a route by decorators of @nestjs/swagger. */
export interface ApiDocumentation {
  readonly description: string | undefined;
  /** Options of `@ApiParam()`, `@ApiQuery()`, `@ApiHeader()` and `@ApiBody()`. */
  readonly parameters: readonly Options[];
  /** Options of the response with the status of the route. */
  readonly response: Options | undefined;
  /** Classes that `@ApiExtraModels()` names, on the method or its controller. */
  readonly models: readonly Type<object>[];
}

export function documentationOf(method: object, controller: object): ApiDocumentation {
  const operation: unknown = Reflect.getMetadata(OPERATION, method);
  const parameters: unknown = Reflect.getMetadata(PARAMETERS, method);
  const responses: unknown = Reflect.getMetadata(RESPONSE, method);
  const code: unknown = Reflect.getMetadata(HTTP_CODE_METADATA, method);
  return {
    description: isRecord(operation) ? descriptionIn(operation) : undefined,
    parameters: listIn(parameters).filter(isRecord),
    response: isRecord(responses) ? responseIn(responses, code) : undefined,
    models: [method, controller]
      .flatMap((on) => listIn(Reflect.getMetadata(EXTRA_MODELS, on)))
      .filter(isClass),
  };
}

/** Name of a class in OpenAPI documents. `@ApiSchema({ name })` changes it. */
export function modelNameOf(type: Type<object>): string {
  const named = listIn(Reflect.getOwnMetadata(SCHEMA, type)).at(-1);
  return isRecord(named) && typeof named['name'] === 'string' ? named['name'] : type.name;
}

/** Joins summary and description, since each may say what the other does not. */
function descriptionIn({ summary, description }: Options): string | undefined {
  const texts = [summary, description].filter((text) => typeof text === 'string' && text.trim() !== '');
  return texts.length === 0 ? undefined : [...new Set(texts)].join('\n\n');
}

function responseIn(responses: Options, code: unknown): Options | undefined {
  const successes = Object.entries(responses).filter(
    ([status]) => /^2\d\d$/.test(status) || status === 'default',
  );
  const [, found] =
    successes.find(([status]) => status === String(code)) ??
    successes.find(([, response]) => isRecord(response) && declaresBody(response)) ??
    [];
  return isRecord(found) ? found : undefined;
}

const declaresBody = (response: Options): boolean =>
  response['type'] !== undefined || rawIn(response) !== undefined;

/** Schema in the options of a decorator, or in the `content` of a response. */
export function rawIn({ schema, content }: Readonly<Record<string, unknown>>): Options | undefined {
  if (isRecord(schema)) return schema;
  const [, media] = Object.entries(recordIn(content)).find(([type]) => type.includes('json')) ?? [];
  const { schema: ofMedia } = recordIn(media);
  return isRecord(ofMedia) ? ofMedia : undefined;
}
