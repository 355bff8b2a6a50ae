import {
  type INestApplication,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';

import { DocumentedController } from './documented.controller.js';
import { UserMiddleware } from './guards.js';
import {
  CallersController,
  OrdersController,
  PlainOrdersController,
  ScopedController,
  ValuesController,
} from './shop.controllers.js';

/** Application with a controller method in every style of parameters. */
@Module({
  controllers: [
    ValuesController,
    OrdersController,
    PlainOrdersController,
    CallersController,
    ScopedController,
    DocumentedController,
  ],
})
export class ShopModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(UserMiddleware).forRoutes(ValuesController, OrdersController, CallersController);
  }
}

export function prepareShop(application: INestApplication): void {
  application.setGlobalPrefix('api');
  application.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
  application.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
}
