import { type CustomDecorator, SetMetadata } from '@nestjs/common';

export const IS_PUBLIC = 'isPublic';

/** Lets the guard of the shop pass a route. */
export const Public = (): CustomDecorator => SetMetadata(IS_PUBLIC, true);
