import { Option } from 'commander';

/** Login names of the users of the embedded issuer, which is loaded only on demand. */
const LOGINS = ['alice', 'bob', 'carol'];

/** Creates the option for a user of the embedded issuer. */
export const userOption = (): Option =>
  new Option('--user <login>', 'user of the embedded issuer (default: alice)').choices(LOGINS);
