import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { rollup } from 'rollup';

/** Modules that are run, although others import them too. */
const PROGRAMS = ['dist/main.js', 'dist/cli/main.js'];
/** Packages of ES modules that load as a whole. Of others, parts would load that are loaded later, or never. */
const PACKAGES = [
  '@nestjs/common',
  '@nestjs/config',
  '@nestjs/core',
  '@nestjs/terminus',
  'jose',
  'kysely',
  'zod',
];

/**
 * Merges the small modules of dist, and of some packages, into fewer files. Node.js would spend a third of the start on
 * finding, reading and linking them.
 *
 * Whatever is used from outside keeps its path: programs, worker threads, the entries of packages. What is imported
 * later stays in files of its own, and still loads later. Modules run in the same order, `import.meta.url` is the same,
 * and stack traces name the same lines of the sources.
 *
 * @param trace result of nodeFileTrace
 * @returns function that replaces the modules by the files
 */
export async function mergeModules({ fileList, reasons }) {
  const merge = async (folder, options) => {
    const inside = [...fileList].filter((path) => path.startsWith(`${folder}/`) && path.endsWith('.js'));
    const isUsedOutside = (path) => [...reasons.get(path).parents].some((parent) => !inside.includes(parent));
    return inside.length > 0 ? mergeFolder(folder, inside, isUsedOutside, options) : { paths: [], files: [] };
  };
  const merged = [await merge('dist', { sourcemap: true })];
  for (const name of PACKAGES)
    merged.push(await merge(`node_modules/${name}`, { manualChunks: () => 'merged' }));
  return () => {
    for (const { paths, files } of merged) {
      for (const path of paths) [path, `${path}.map`].forEach((file) => rmSync(file, { force: true }));
      for (const [path, content] of files) writeFileSync(path, content);
    }
  };
}

/** Returns the paths of the modules, and the files that replace them. */
async function mergeFolder(folder, paths, isUsedOutside, options) {
  const imported = new Set();
  const plugins = [
    modulesAsTheyAre(folder, new Set(paths)),
    {
      name: 'imported modules',
      moduleParsed: ({ importedIds, dynamicallyImportedIds }) =>
        [...importedIds, ...dynamicallyImportedIds].forEach((path) => imported.add(path)),
    },
  ];
  const settings = { treeshake: false, logLevel: 'silent', plugins };
  const { cache } = await rollup({ ...settings, input: paths });
  const entries = paths
    .filter((path) => PROGRAMS.includes(path) || !imported.has(path) || isUsedOutside(path))
    .map((path) => [relative(folder, path).slice(0, -'.js'.length), path]);
  const bundle = await rollup({ ...settings, cache, input: Object.fromEntries(entries) });
  const { output } = await bundle.generate({
    dir: folder,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    hoistTransitiveImports: false,
    sourcemapExcludeSources: true,
    ...options,
  });
  return {
    paths,
    files: output.map(({ fileName, code, source }) => [join(folder, fileName), code ?? source]),
  };
}

function modulesAsTheyAre(folder, inside) {
  return {
    name: 'modules as they are',
    resolveId(name, importer) {
      if (importer === undefined) return name;
      if (!/^\.\.?\//.test(name)) return { id: name, external: true };
      const path = join(dirname(importer), name);
      // The image is without some modules, and some have another format.
      return inside.has(path) ? path : { id: resolve(path), external: 'relative' };
    },
    load: (path) => ({
      code: readFileSync(path, 'utf8'),
      map: existsSync(`${path}.map`) ? readFileSync(`${path}.map`, 'utf8') : null,
    }),
    resolveImportMeta(property, { chunkId, moduleId }) {
      const path = relative(dirname(join(folder, chunkId)), moduleId);
      switch (property) {
        case 'url':
          return `new URL(${JSON.stringify(path)}, import.meta.url).href`;
        case 'filename':
          return `(import.meta.dirname + ${JSON.stringify(`/${path}`)})`;
        case 'dirname':
          return `(import.meta.dirname + ${JSON.stringify(`/${dirname(path)}`)})`;
        case 'resolve':
          return null;
        default:
          throw new Error(`${moduleId} uses a part of import.meta that differs in the image: ${property}.`);
      }
    },
  };
}
