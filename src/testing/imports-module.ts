import type { DynamicModule, ForwardReference, ModuleMetadata, Type } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/internal';

type Imported = NonNullable<ModuleMetadata['imports']>[number];

/** Whether one of these modules is a module, or imports it directly or by others. */
export async function importsModule(
  target: Type,
  imports: readonly Imported[] = [],
  seen = new Set<unknown>(),
): Promise<boolean> {
  for (const entry of imports) {
    const found = await resolved(entry);
    if (seen.has(found)) continue;
    seen.add(found);
    const { module, imports: further = [] } = 'module' in found ? found : { module: found };
    if (module === target) return true;
    const declared: readonly Imported[] = Reflect.getMetadata(MODULE_METADATA.IMPORTS, module) ?? [];
    if (await importsModule(target, [...declared, ...further], seen)) return true;
  }
  return false;
}

async function resolved(entry: Imported): Promise<Type | DynamicModule> {
  const imported: Type | DynamicModule | ForwardReference<() => Type | DynamicModule> = await entry;
  return 'forwardRef' in imported ? imported.forwardRef() : imported;
}
