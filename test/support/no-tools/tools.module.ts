import { Module } from '@nestjs/common';

/** Replaces the module of the deployment in specs. See jest-resolver.cjs. */
@Module({})
export class ToolsModule {}
