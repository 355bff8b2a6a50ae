import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';

import { rollup } from 'rollup';

const SERVER = ['dist/serve.js', 'dist/aerie.module.js'];
/** Modules that run before the server, or without it. What they import must not load the whole server. */
const OTHER_PROGRAMS = /^dist\/(?:main\.js$|cli\/)/;
/** Modules of a deployment. */
const DEPLOYMENT = /^dist\/(?:app\.module\.js$|tools\/)/;
/** Packages of ES modules, and those of their modules that load most of a package at once. */
const PACKAGES = {
  '@nestjs/common': ['index.js', 'internal.js'],
  '@nestjs/config': ['dist/index.js'],
  '@nestjs/core': ['index.js', 'internal.js'],
  jose: ['dist/webapi/index.js'],
  kysely: ['dist/index.js'],
  zod: ['index.js'],
};

const SETTINGS = { treeshake: false, logLevel: 'silent', makeAbsoluteExternalsRelative: false };
/** Begins the name of a module that exports the same as a merged one, and replaces it. */
const ENTRY = 'entry ';
const OUTPUT = {
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
  manualChunks: (id) => (id.startsWith(ENTRY) ? undefined : 'merged'),
};

/**
 * Merges the modules that the server loads at its start into one file, and those of some packages into one file for each
 * package. Node.js would spend a third of the start on finding, reading and linking them.
 *
 * A merged module keeps its path if a module imports it that is not merged. There, it exports the same, from the file.
 * The modules of a deployment, those that need them, and those that are imported for their effects only stay as they
 * are: a merged file loads what it imports before all of its own code.
 *
 * @param trace result of nodeFileTrace
 * @returns function that replaces the modules by the files
 */
export async function mergeModules({ fileList, reasons }) {
  const importersOf = (path) => [...reasons.get(path).parents];
  const modules = (pattern) => [...fileList].filter((path) => path.endsWith('.js') && pattern.test(path));
  const dist = await importsOf(modules(/^dist\//));
  const merged = [await merge('dist', modulesOfStart(dist), dist, importersOf, { sourcemap: true })];
  const packages = Object.entries(PACKAGES).map(async ([name, mains]) => {
    const folder = `node_modules/${name}`;
    const imports = await importsOf(modules(new RegExp(`^${folder}/(?!.*node_modules/)`)));
    const loaded = needed(
      mains.map((main) => `${folder}/${main}`),
      imports,
    );
    const isEsm = loaded.length > 0 && manifestIn(folder).type === 'module';
    return merge(folder, isEsm ? loaded : [], imports, importersOf);
  });
  packages.push(mergeRxjs(modules(/^node_modules\/rxjs\/dist\/cjs\//), importersOf));
  for (const { value, reason } of await Promise.allSettled(packages)) {
    if (value) merged.push(value);
    else console.warn(`A package stays as it is, which makes the start longer: ${reason.message}`);
  }
  return () => {
    for (const { paths, files } of merged) {
      for (const path of paths) [path, `${path}.map`].forEach((file) => rmSync(file, { force: true }));
      for (const [path, content] of files) writeFileSync(path, content);
    }
  };
}

const manifestIn = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** Returns the modules that the server loads at its start, except those that need a module of a deployment. */
function modulesOfStart(imports) {
  const needsDeployment = (path) => needed([path], imports).some((target) => DEPLOYMENT.test(target));
  const others = [...imports.keys()].filter(
    (path) => (OTHER_PROGRAMS.test(path) || imports.effects.has(path)) && !needsDeployment(path),
  );
  const ofOthers = needed(others, imports);
  const ofServer = new Map([...imports].filter(([path]) => !DEPLOYMENT.test(path)));
  return needed(SERVER, ofServer).filter((path) => !ofOthers.includes(path) && !needsDeployment(path));
}

/** Returns the modules that run before these modules, and these. */
function needed(starts, imports) {
  const found = new Set(starts.filter((path) => imports.has(path)));
  for (const path of found) {
    for (const target of imports.get(path)) if (imports.has(target)) found.add(target);
  }
  return [...found];
}

/** Returns, for each module, the modules that it imports before it runs; and which are imported for their effects. */
async function importsOf(paths) {
  const imports = Object.assign(new Map(), { effects: new Set() });
  if (paths.length === 0) return imports;
  const plugin = {
    name: 'imports',
    // With a prefix, because modules of the input cannot be external.
    resolveId: (name, importer) =>
      importer === undefined
        ? name
        : { id: `to ${relative('.', join(dirname(importer), name))}`, external: true },
    moduleParsed({ id, importedIds, ast }) {
      imports.set(
        relative('.', id),
        importedIds.map((target) => target.slice('to '.length)),
      );
      for (const { type, specifiers, source } of ast.body)
        if (type === 'ImportDeclaration' && specifiers.length === 0)
          imports.effects.add(relative('.', join(dirname(id), source.value)));
    },
  };
  await rollup({ ...SETTINGS, input: paths.map((path) => resolve(path)), plugins: [plugin] });
  return imports;
}

/** Returns the paths of modules, and the files that replace them. */
async function merge(folder, paths, imports, importersOf, options) {
  if (paths.length === 0) return { paths, files: [] };
  const imported = new Set(paths.flatMap((path) => imports.get(path)));
  const entries = paths.filter(
    (path) => !imported.has(path) || importersOf(path).some((importer) => !paths.includes(importer)),
  );
  const bundle = await rollup({
    ...SETTINGS,
    input: inputOf(entries.map((path) => [relative(folder, path), path])),
    plugins: [ENTRIES, modulesAsTheyAre(folder, new Set(paths))],
  });
  const { output } = await bundle.generate({
    dir: folder,
    ...OUTPUT,
    // All code is in the file of the folder.
    paths: (id) => (isAbsolute(id) ? `./${relative(folder, id)}` : id),
    hoistTransitiveImports: false,
    importAttributesKey: 'with',
    sourcemapExcludeSources: true,
    ...options,
  });
  return { paths, files: output.map((file) => [join(folder, file.fileName), file.code ?? file.source]) };
}

/** Merges the CommonJS modules of RxJS, by means of the same code in the form of ES modules. */
async function mergeRxjs(paths, importersOf) {
  if (paths.length === 0) return { paths, files: [] };
  const folder = 'node_modules/rxjs/dist/cjs';
  const entries = paths.filter((path) => importersOf(path).some((importer) => !paths.includes(importer)));
  const tslib = join(dirname(createRequire(resolve(folder, 'index.js')).resolve('tslib')), 'tslib.es6.js');
  const plugin = {
    name: 'modules of RxJS',
    resolveId: (name, importer) => (name === 'tslib' ? tslib : join(dirname(importer), `${name}.js`)),
  };
  const bundle = await rollup({
    ...SETTINGS,
    input: inputOf(entries.map((path) => [relative(folder, path), path.replace('/cjs/', '/esm5/')])),
    plugins: [ENTRIES, plugin],
  });
  const { output } = await bundle.generate({ ...OUTPUT, format: 'cjs', esModule: true });
  return { paths, files: output.map(({ fileName, code }) => [join(folder, fileName), code]) };
}

/** Returns the input for modules that keep their paths, as pairs of file and path. */
const inputOf = (files) =>
  Object.fromEntries(files.map(([file, path]) => [file.replace(/\.js$/, ''), `${ENTRY}${resolve(path)}`]));

const ENTRIES = {
  name: 'entries',
  resolveId: (name, importer) => (name.startsWith(ENTRY) || importer?.startsWith(ENTRY) ? name : undefined),
  async load(id) {
    if (!id.startsWith(ENTRY)) return undefined;
    const path = id.slice(ENTRY.length);
    const from = `from ${JSON.stringify(path)};`;
    const { exports } = await this.load({ id: path });
    return `export * ${from}${exports.includes('default') ? `export { default } ${from}` : ''}`;
  },
};

function modulesAsTheyAre(folder, paths) {
  return {
    name: 'modules as they are',
    resolveId(name, importer) {
      if (name.startsWith('#')) throw new Error(`${importer} imports ${name}, which cannot be merged.`);
      if (!/^\.\.?\//.test(name)) return { id: name, external: true };
      const id = join(dirname(importer), name);
      return paths.has(relative('.', id)) ? id : { id, external: true };
    },
    load: (id) => ({
      code: readFileSync(id, 'utf8'),
      map: existsSync(`${id}.map`) ? readFileSync(`${id}.map`, 'utf8') : null,
    }),
    resolveImportMeta(property, { chunkId, moduleId }) {
      if (property !== 'url')
        throw new Error(`${moduleId} uses import.meta.${property}, which would differ after the merge.`);
      const path = relative(dirname(resolve(folder, chunkId)), moduleId);
      return `new globalThis.URL(${JSON.stringify(path)}, import.meta.url).href`;
    },
  };
}
