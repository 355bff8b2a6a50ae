import { Controller, Get, Injectable, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';

import { McpTool, Protect, RequireRoles } from '../src/index.js';
import { CatalogService } from '../src/mcp/catalog/catalog.service.js';
import { type Aerie, startAerie } from './support/aerie.js';

function moduleOf(metadata: ModuleMetadata): Type {
  @Module(metadata)
  class TestModule {}
  return TestModule;
}

@Injectable()
class LateTools {
  @McpTool({ name: 'late', description: 'Answers.', scopes: 'authenticated' })
  late(): string {
    return 'late';
  }
}

@Controller('running')
class RunningController {
  @Protect()
  @RequireRoles('editor')
  @Get()
  list(): string {
    return 'listed';
  }
}

@Injectable()
class RunningTools {
  @McpTool({ name: 'running', description: 'Answers.', scopes: 'authenticated' })
  running(): string {
    return 'running';
  }
}

describe('the checks of a module that is loaded later', () => {
  let aerie: Aerie;
  const load = (module: Type): Promise<unknown> =>
    aerie.application.get(LazyModuleLoader, { strict: false }).load(() => module);
  const isOffered = (tool: string): boolean =>
    aerie.application.get(CatalogService, { strict: false }).current.findTool(tool) !== undefined;

  beforeEach(async () => {
    const running = moduleOf({ controllers: [RunningController], providers: [RunningTools] });
    aerie = await startAerie({ modules: [running] });
  });
  afterEach(() => aerie.close());

  it('find the same problems at each load', async () => {
    @Controller('late')
    class LateController {
      constructor() {
        this.list = this.list.bind(this);
      }

      @Protect()
      @Get()
      list(): string {
        return 'listed';
      }
    }
    const late = moduleOf({ controllers: [LateController], providers: [LateTools] });
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(load(late)).rejects.toThrow(/1 problem .*\n.*LateController\.list/);
      expect(isOffered('late')).toBe(false);
    }
  });

  it('ignore what has replaced methods of running classes since the start', async () => {
    const spies = [
      jest.spyOn(RunningController.prototype, 'list').mockReturnValue('replaced'),
      jest.spyOn(RunningTools.prototype, 'running').mockReturnValue('replaced'),
    ];
    await load(moduleOf({ providers: [LateTools] }));
    expect(isOffered('late')).toBe(true);
    for (const spy of spies) spy.mockRestore();
  });
});
