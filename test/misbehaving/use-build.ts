import { registerHooks } from 'node:module';

// Loads the build in place of our sources, which takes half of the time. Runs after the loader of TypeScript.
registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier.replace(/^\.\.\/\.\.\/src\/(.+)\.ts$/, '../../dist/$1.js'), context),
});
