'use strict';
const path = require('node:path');

const SOURCES = path.resolve(__dirname, '../../src');
/** The module of a deployment. Specs of the application describe the demo tools, whatever this module adds. */
const TOOLS = path.join(SOURCES, 'tools/tools.module.js');
const NO_TOOLS = path.join(__dirname, 'no-tools/tools.module.ts');

// Our own sources import "./x.js", as ESM wants it; the file on disk is "./x.ts".
/**
 * @param {string} request
 * @param {{ basedir: string, defaultResolver: (request: string, options: object) => string }} options
 */
module.exports = (request, options) => {
  if (/^\.{1,2}\//.test(request) && request.endsWith('.js') && !options.basedir.includes('/node_modules/')) {
    if (options.basedir === SOURCES && path.join(SOURCES, request) === TOOLS) return NO_TOOLS;
    try {
      return options.defaultResolver(request.replace(/\.js$/, '.ts'), options);
    } catch {
      // A real .js file.
    }
  }
  return options.defaultResolver(request, options);
};
