'use strict';
const vm = require('node:vm');

const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');
const { installCommonGlobals } = require('jest-util');

const { record, restore } = require('./state.cjs');

// Shared packages look these globals up again after they loaded. undici's dispatcher cannot be deleted anyway.
const GLOBALS_OF_PACKAGES = new Set(['$ark', '__zod_globalConfig', '__zod_globalRegistry']);

/**
 * Creates the globals that the specs of a worker share, since shared packages belong to one realm.
 * @param {import('@jest/environment').JestEnvironmentConfig['projectConfig']} projectConfig
 */
const createRealm = ({ globals }) => {
  // Jest's own environment looks every global up through a proxy, which slows down all code.
  const global = /** @type {typeof globalThis} */ (vm.createContext(vm.constants.DONT_CONTEXTIFY));
  for (const [name, { enumerable }] of record(globalThis)) {
    if (name in global) continue;
    /** @param {PropertyDescriptor} property */
    const define = (property) =>
      Object.defineProperty(global, name, { enumerable, configurable: true, ...property });
    define({ get: () => globalThis[name], set: (value) => define({ value, writable: true }) });
  }
  // Node.js creates instances of these classes in the realm of the worker.
  Object.assign(global, { global, ArrayBuffer, Buffer, Uint8Array });
  installCommonGlobals(global, globals);
  global.Error.stackTraceLimit = 100;
  const objects = [global.process.env, global.process, global];
  return { global, recorded: objects.map((object) => [object, record(object)]) };
};

/** @type {ReturnType<typeof createRealm> | undefined} */
let realm;

/** Runs all specs of a worker in one realm, and restores its globals after each. See runtime.cjs. */
module.exports = class SharedRealmEnvironment {
  /** @param {import('@jest/environment').JestEnvironmentConfig} config */
  constructor({ projectConfig }) {
    this.realm = realm ??= createRealm(projectConfig);
    this.global = this.realm.global;
    this.moduleMocker = new ModuleMocker(this.global);
    this.fakeTimers = null; // the legacy ones
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: this.global });
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return this.global;
  }

  async setup() {}

  async teardown() {
    this.fakeTimersModern.dispose();
    for (const [object, recorded] of this.realm.recorded) restore(object, recorded, GLOBALS_OF_PACKAGES);
    this.global.process.removeAllListeners(); // of Jest's copy: the worker's own process has none of them
  }
};
