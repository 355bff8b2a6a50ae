import type { ValidationPipeOptions } from '@nestjs/common';

/** Options of NestJS's `ValidationPipe` for a class as input. The handler always receives an instance of the class. */
export type DtoOptions = Pick<
  ValidationPipeOptions,
  | 'always'
  | 'forbidNonWhitelisted'
  | 'groups'
  | 'skipMissingProperties'
  | 'skipNullProperties'
  | 'skipUndefinedProperties'
  | 'stopAtFirstError'
  | 'strictGroups'
  | 'transformOptions'
  | 'whitelist'
>;
