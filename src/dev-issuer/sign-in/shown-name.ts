import { shortened } from '../../values/shortened.js';

/** Maximum length of a client's name. A longer one would move out of sight where the answer goes. */
const MAX_NAME = 80;

/** Characters without a shape, and those that change the direction of the text around them. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Returns the name of a client, which it chose itself, as the pages show it. */
export const shownName = (name: string): string => shortened(name.replaceAll(INVISIBLE, ''), MAX_NAME);
