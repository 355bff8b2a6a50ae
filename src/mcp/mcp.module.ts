import { type DynamicModule, Global, Module } from '@nestjs/common';

import { CatalogModule } from './catalog/catalog.module.js';
import { CallerModule } from './context/caller.module.js';
import { EventsModule } from './events/events.module.js';
import { StreamableHttpModule } from './streamable-http/streamable-http.module.js';

/** Finds the tools of the whole application and serves them at one path. */
@Global()
@Module({
  imports: [CallerModule, CatalogModule, EventsModule],
  exports: [CallerModule, CatalogModule, EventsModule],
})
export class McpModule {
  /**
   * @param path where the endpoint is served, such as `/mcp` or `/`
   * @param decorators class decorators for the endpoint's controller
   */
  static register(path: string, decorators: readonly ClassDecorator[] = []): DynamicModule {
    return { module: McpModule, imports: [StreamableHttpModule.register(path, decorators)] };
  }
}
