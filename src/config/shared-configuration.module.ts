import { Global, Module } from '@nestjs/common';

import { CONFIGURATION, type Configuration } from './configuration.js';

/** Injection token of the configuration for what all endpoints share: that of the default endpoint. */
export const SHARED_CONFIGURATION = Symbol('SHARED_CONFIGURATION');

@Global()
@Module({
  providers: [
    {
      provide: SHARED_CONFIGURATION,
      inject: [{ token: CONFIGURATION, optional: true }],
      useFactory: (configuration: Configuration | undefined): Configuration => {
        if (configuration) return configuration;
        throw new Error(
          'The default endpoint is missing: every AerieModule.forRoot() names an endpoint. ' +
            'Remove the name of the main one. Its settings of Redis and STATE_DIRECTORY apply to all endpoints.',
        );
      },
    },
  ],
  exports: [SHARED_CONFIGURATION],
})
export class SharedConfigurationModule {}
