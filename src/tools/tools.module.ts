import { Module } from '@nestjs/common';

/** Tools, resources and prompts of this deployment. To offer a tool, add its provider here. */
@Module({ providers: [] })
export class ToolsModule {}
