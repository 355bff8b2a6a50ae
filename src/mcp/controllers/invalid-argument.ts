import { Refusal } from '../failures/refusal.js';

/** Creates the error for an argument that cannot be sent. */
export const invalid = (name: string, fault: string): Refusal =>
  new Refusal(`The arguments are invalid. Fix them and call again:\n- ${name}: ${fault}`, 'invalid_input');
