import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';

import { AuditIndicator } from './audit.indicator.js';
import { DatabaseIndicator } from './database.indicator.js';
import { HealthController } from './health.controller.js';
import { InstanceIndicator } from './instance.indicator.js';
import { RedisIndicator } from './redis.indicator.js';
import { RevocationsIndicator } from './revocations.indicator.js';
import { SigningKeysIndicator } from './signing-keys.indicator.js';

@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [
    AuditIndicator,
    DatabaseIndicator,
    InstanceIndicator,
    RedisIndicator,
    RevocationsIndicator,
    SigningKeysIndicator,
  ],
})
export class HealthModule {}
