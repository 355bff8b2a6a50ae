import { type CustomDecorator, SetMetadata } from '@nestjs/common';

/** Lets the application's own guard pass a route. */
export const Public = (): CustomDecorator => SetMetadata('public', true);
