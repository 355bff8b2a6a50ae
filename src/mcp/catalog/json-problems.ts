import type { Offers } from './catalog.js';

/** Finds definitions that cannot be sent, such as one whose `_meta` has a bigint or contains itself. */
export const jsonProblems = ({ tools, resources, templates, prompts }: Offers): string[] =>
  [...tools, ...resources, ...templates, ...prompts].flatMap(({ definition }) => {
    try {
      JSON.stringify(definition);
      return [];
    } catch (error) {
      const [reason] = String(error).split('\n');
      return [`it cannot be written as JSON (${reason}). Use only JSON values, for example in _meta`];
    }
  });
