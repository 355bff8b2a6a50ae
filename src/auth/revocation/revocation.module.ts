import { Global, Logger, Module } from '@nestjs/common';

import type { Configuration } from '../../config/configuration.js';
import { SHARED_CONFIGURATION } from '../../config/shared-configuration.module.js';
import { Revocations } from './revocations.js';
import { RevocationsService } from './revocations.service.js';

/** Provides the one revocation list, which covers the tokens of all endpoints. */
@Global()
@Module({
  providers: [
    RevocationsService,
    {
      provide: Revocations,
      inject: [SHARED_CONFIGURATION, RevocationsService],
      useFactory: (configuration: Configuration, service: RevocationsService) => {
        const logger = new Logger('Revocations');
        return new Revocations(configuration, service.storage, {
          making: (change, make) => service.making(change, make),
          warn: (warning) => logger.warn(warning),
        });
      },
    },
  ],
  exports: [Revocations, RevocationsService],
})
export class RevocationModule {}
