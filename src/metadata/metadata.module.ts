import { type MiddlewareConsumer, Module, type NestModule, RequestMethod } from '@nestjs/common';
import cors from 'cors';

import { MetadataController } from './metadata.controller.js';

/** Provides the discovery documents, which every web page can read. */
@Module({ controllers: [MetadataController] })
export class MetadataModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(cors({ origin: '*', methods: ['GET'], maxAge: 600 }))
      .forRoutes({ path: '.well-known/*path', method: RequestMethod.ALL });
  }
}
