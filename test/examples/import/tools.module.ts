import { Module } from '@nestjs/common';
import { fromOpenApi } from '../../../src/mcp/index.js';
import { petsApi } from './pets/pets.api.js';

/** Module to which `import` adds the tools. */
@Module({ imports: [fromOpenApi(petsApi)], providers: [] })
export class ToolsModule {}
