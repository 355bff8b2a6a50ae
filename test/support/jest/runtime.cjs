'use strict';
const { isBuiltin } = require('node:module');

const { default: Runtime } = require('jest-runtime');

const { record, restore } = require('./state.cjs');

// Keeps the tracer provider of the process in a variable, which nothing resets.
const LOADED_BY_EACH_SPEC = new Set(['@opentelemetry/api']);

/**
 * @param {string} from
 * @param {string} [moduleName]
 */
const isShared = (from, moduleName) =>
  moduleName === undefined
    ? from.includes('/node_modules/') // a setup file
    : /^[^./]/.test(moduleName) && !isBuiltin(moduleName) && !LOADED_BY_EACH_SPEC.has(moduleName);

/**
 * Loads the packages, and is never torn down.
 * @type {Runtime | undefined}
 */
let packages;

/** @type {{ type: object, recorded: ReturnType<typeof record> } | undefined} */
let logger;

/**
 * Loads packages once per worker, and the modules of src and test anew for each spec.
 *
 * By default Jest evaluates NestJS, zod, the MCP SDK and all the others anew for each spec, which took a third of the
 * CPU time of an end-to-end spec. What packages keep in variables is now shared: the environment restores globals, and
 * teardown restores NestJS's logger.
 */
module.exports = class SharedPackagesRuntime extends Runtime {
  /** @param {ConstructorParameters<typeof Runtime>} parts */
  constructor(...parts) {
    super(...parts);
    const [config, environment, resolver, transformer, , ...others] = parts;
    this.packages = packages ??= new Runtime(
      config,
      environment,
      resolver,
      transformer,
      new Map(),
      ...others,
    );
  }

  /**
   * @template [T=unknown]
   * @param {string} from
   * @param {string} [moduleName]
   * @param {Parameters<Runtime['requireModule']>[2]} [options]
   * @param {boolean} [isRequireActual]
   * @returns {T}
   */
  requireModule(from, moduleName, options, isRequireActual) {
    if (options?.isInternalModule || !isShared(from, moduleName)) {
      return super.requireModule(from, moduleName, options, isRequireActual);
    }
    const loaded = this.packages.requireModule(from, moduleName, options, isRequireActual);
    if (moduleName === '@nestjs/common' && !logger) {
      const { Logger: type } = /** @type {{ Logger: object }} */ (loaded);
      logger = { type, recorded: record(type) };
    }
    return loaded;
  }

  teardown() {
    super.teardown();
    if (logger) restore(logger.type, logger.recorded);
  }
};
