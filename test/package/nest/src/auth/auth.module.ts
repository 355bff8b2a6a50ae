import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';

import { JwtGuard } from './jwt.guard.js';

@Module({
  imports: [JwtModule.register({ secret: 'secret of the shop', global: true })],
  providers: [{ provide: APP_GUARD, useClass: JwtGuard }],
})
export class AuthModule {}
