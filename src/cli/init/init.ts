import { NO_SPEC, planOffer } from '../new/new.js';
import { namesOf } from '../new/names.js';
import { applyChanges, ChangeSet } from '../source/change-set.js';
import { type FoundModule, rootModule } from '../source/find-module.js';
import { moduleElements } from '../source/module-metadata.js';
import { readProject, sourcesOf } from '../source/project.js';
import type { Io } from '../terminal/io.js';
import { planDependencies } from './dependencies.js';
import { planEnvironment, planIgnoredKeys } from './environment.js';
import { packageManager } from './package-manager.js';
import { requireSupported } from './require-supported.js';
import { planImport } from './root-import.js';

/** Options of the command line. */
export interface InitOptions {
  readonly tool: string;
  readonly module?: string;
  readonly dryRun?: boolean;
}

/** Packages in CommonJS require NestJS, which Jest cannot load for them while it loads NestJS. */
const JEST_NOTE =
  "Jest needs NestJS to be loaded first. Add to each of its configurations: setupFiles: ['reflect-metadata', '@nestjs/common', '@nestjs/core']. Run Jest on Node.js 24.9 or later, with --experimental-vm-modules.";

/** With a schema, ConfigModule reads `.env` into `process.env` only after the root module has been evaluated. */
const loadsVariablesLate = (element: string): boolean =>
  element.startsWith('ConfigModule.forRoot') && element.includes('validationSchema');
const LATE_NOTE =
  'ConfigModule has a validationSchema, so it sets the variables of .env too late for fromEnvironment(process.env). Start Node.js with --env-file=.env, or use AerieModule.forRootAsync().';

const SHUTDOWN_NOTE =
  'The application does not call enableShutdownHooks(), so SIGTERM cuts off running calls. Call it before listen().';

/** Adds Aerie to the NestJS application in the working directory. */
export async function init({ tool, module: given, dryRun = false }: InitOptions, io: Io): Promise<void> {
  const project = readProject({ module: given });
  requireSupported(project);
  const { snake } = namesOf(tool.split('/').at(-1) ?? ''); // before anything is written
  const files = new ChangeSet();
  const module: FoundModule =
    given === undefined ? rootModule(project, files) : { path: given.replaceAll('\\', '/') };
  const imports =
    moduleElements(project.ts, files.read(module.path) ?? '', 'imports', module.className) ?? [];
  const notes: string[] = [];
  if (!imports.some((element) => element.startsWith('AerieModule'))) {
    notes.push(...planImport(project, files, module));
    planOffer(project, files, 'tool', tool, { module: given });
    if (project.runner?.startsWith('jest')) notes.push(JEST_NOTE);
    if (project.runner === undefined) notes.push(NO_SPEC);
    if (imports.some(loadsVariablesLate)) notes.push(LATE_NOTE);
    if (!sourcesOf(project).some(({ text }) => text.includes('enableShutdownHooks')))
      notes.push(SHUTDOWN_NOTE);
  }
  planDependencies(files);
  planEnvironment(files);
  planIgnoredKeys(files);
  const changes = await files.list();
  if (changes.length === 0) {
    io.stdout.write('Nothing to do: this application has Aerie already.\n');
    return;
  }
  applyChanges(changes, dryRun, io);
  for (const note of notes) io.stdout.write(`\nNote: ${note}\n`);
  if (dryRun) return;
  const manager = packageManager();
  io.stdout.write(
    `\nNext:\n  ${manager} install\n  ${manager} run start\n  npx aerie-mcp call ${snake} --arg id=A-7\n`,
  );
}
