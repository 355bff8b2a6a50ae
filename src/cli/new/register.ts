/** Last import of a relative path, after which a further one fits. */
const LAST_RELATIVE_IMPORT = /^import [^;]*? from '\.[^']*';\n(?![\s\S]*^import [^;]*? from '\.)/m;
const LAST_IMPORT = /^import [^;]*? from '[^']*';\n(?![\s\S]*^import )/m;
/** List of the providers in the decorator of the module. */
const PROVIDERS = /(@Module\(\{[^@]*?\bproviders:\s*\[)([^\]]*?)(,?\s*)\]/;

/**
 * Adds a provider to the source of a NestJS module.
 *
 * @returns undefined if the module has no list of providers
 */
export function registerProvider(source: string, className: string, path: string): string | undefined {
  const place = LAST_RELATIVE_IMPORT.exec(source) ?? LAST_IMPORT.exec(source);
  if (!place || !PROVIDERS.test(source)) return undefined;
  const end = place.index + place[0].length;
  const imported = `${source.slice(0, end)}import { ${className} } from '${path}';\n${source.slice(end)}`;
  return imported.replace(
    PROVIDERS,
    (_whole, start: string, providers: string) =>
      `${start}${providers.trim() === '' ? '' : `${providers.trimEnd()}, `}${className}]`,
  );
}
