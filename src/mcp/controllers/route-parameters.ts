import { type Type } from '@nestjs/common';
import {
  CUSTOM_ROUTE_ARGS_METADATA,
  RESPONSE_PASSTHROUGH_METADATA,
  ROUTE_ARGS_METADATA,
  RouteParamtypes,
} from '@nestjs/common/internal';

import { isRecord } from '../../values/is-record.js';
import { recordIn } from '../../values/record-in.js';
import { listIn } from '../../values/list-in.js';

/** Parameter of a controller's method, as NestJS knows it. */
export interface RouteParameter {
  readonly kind: RouteParamtypes;
  /** Position among the parameters. */
  readonly index: number;
  /** Member that the decorator names, such as `id`. */
  readonly member: string | undefined;
  readonly pipes: readonly unknown[];
  /** Standard Schema of the decorator. */
  readonly schema: unknown;
  /** Type that TypeScript recorded: `Object` for interfaces and unions. */
  readonly type: unknown;
}

/** Parameters whose value is no part of a request that a tool can make, with the remedy. */
const REFUSED: Readonly<Partial<Record<RouteParamtypes, readonly [decorator: string, remedy: string]>>> = {
  [RouteParamtypes.REQUEST]: [
    '@Req()',
    'Use @Param(), @Query(), @Body(), or a decorator of your own (createParamDecorator) for what it reads',
  ],
  [RouteParamtypes.RESPONSE]: ['@Res()', 'Add { passthrough: true }, and return the result'],
  [RouteParamtypes.NEXT]: ['@Next()', 'Return the result, or throw'],
  [RouteParamtypes.SESSION]: [
    '@Session()',
    'A tool has no cookies: read the caller from the request instead',
  ],
  [RouteParamtypes.FILE]: ['@UploadedFile()', 'Accept the file by URL or as text in the body'],
  [RouteParamtypes.FILES]: ['@UploadedFiles()', 'Accept the files by URL or as text in the body'],
  [RouteParamtypes.RAW_BODY]: ['@RawBody()', 'Use @Body() with a class'],
  [RouteParamtypes.COOKIES]: ['@Cookies()', 'A tool has no cookies: use @Query() or @Headers() with a name'],
  [RouteParamtypes.SIGNED_COOKIES]: ['@SignedCookies()', 'A tool has no cookies: use @Query() or @Headers()'],
};

/** Reads the parameters that a request fills. Decorators of the application run as they do over HTTP. */
export function parametersOf(controller: Type, methodName: string, problems: string[]): RouteParameter[] {
  const metadata: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, methodName);
  const prototype: object = controller.prototype;
  const types = listIn(Reflect.getMetadata('design:paramtypes', prototype, methodName));
  const isPassthrough = Reflect.hasMetadata(RESPONSE_PASSTHROUGH_METADATA, controller, methodName);
  const parameters: RouteParameter[] = [];
  for (const [key, value] of Object.entries(recordIn(metadata))) {
    if (key.includes(CUSTOM_ROUTE_ARGS_METADATA) || !isRecord(value)) continue;
    const kind: RouteParamtypes = Number.parseInt(key, 10);
    const index = Number(value['index']);
    const refused = REFUSED[kind];
    if (refused && !(kind === RouteParamtypes.RESPONSE && isPassthrough)) {
      const [decorator, remedy] = refused;
      problems.push(`its parameter ${index + 1} is ${decorator}, which no argument can fill. ${remedy}.`);
    }
    parameters.push({
      kind,
      index,
      member: typeof value['data'] === 'string' ? value['data'] : undefined,
      pipes: listIn(value['pipes']),
      schema: value['schema'],
      type: types[index],
    });
  }
  return parameters.toSorted((one, other) => one.index - other.index);
}
