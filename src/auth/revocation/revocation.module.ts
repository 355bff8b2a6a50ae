import { Global, Module } from '@nestjs/common';

import { RevocationsService } from './revocations.service.js';

/** Provides the one revocation list, which covers the tokens of all endpoints. */
@Global()
@Module({ providers: [RevocationsService], exports: [RevocationsService] })
export class RevocationModule {}
