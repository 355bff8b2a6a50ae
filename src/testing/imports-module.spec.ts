import { type DynamicModule, forwardRef, Module } from '@nestjs/common';

import { importsModule } from './imports-module.js';

@Module({})
class Wanted {}

@Module({})
class Other {}

@Module({ imports: [forwardRef(() => Circle), Other] })
class Start {}

@Module({ imports: [Start] })
class Circle {}

@Module({ imports: [Promise.resolve<DynamicModule>({ module: Other, imports: [Wanted] })] })
class Deep {}

describe('importsModule', () => {
  it.each([
    ['a module itself', [Wanted]],
    ['a dynamic module', [{ module: Wanted }]],
    ['a promise', [Promise.resolve({ module: Wanted })]],
    ['a forward reference', [forwardRef(() => Wanted)]],
    ['an import of an import', [Other, Deep]],
    ['another dynamic module of a class that is known', [Other, { module: Other, imports: [Wanted] }]],
  ])('finds %s', async (_what, imports) => {
    await expect(importsModule(Wanted, imports)).resolves.toBe(true);
  });

  it('ends in circles', async () => {
    await expect(importsModule(Wanted, [Start, Circle])).resolves.toBe(false);
    await expect(importsModule(Wanted)).resolves.toBe(false);
  });
});
