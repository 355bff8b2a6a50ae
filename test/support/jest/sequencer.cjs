'use strict';
const { default: Sequencer } = require('@jest/test-sequencer');

/** Small files that take long. Without the times of an earlier run, Jest would start them last. */
const FIRST = /\/(image|memory-reducer|embedded-database|built-application|revocation)\.e2e-spec\.ts$/;

/** Begins with the specs that take longest, so that no worker runs one of them alone at the end. */
module.exports = class SlowestFirst extends Sequencer {
  /** @param {Parameters<Sequencer['sort']>[0]} tests */
  async sort(tests) {
    const ordered = await super.sort.call(this, tests);
    return [
      ...ordered.filter(({ path }) => FIRST.test(path)),
      ...ordered.filter(({ path }) => !FIRST.test(path)),
    ];
  }
};
