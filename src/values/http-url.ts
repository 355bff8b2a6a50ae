import { z } from 'zod';

/** An http or https URL without credentials, because these URLs are published and logged. */
export const httpUrl = z
  .url({ protocol: /^https?$/, abort: true, error: 'must be an http or https URL' })
  .refine((text) => {
    const { username, password } = new URL(text);
    return username === '' && password === '';
  }, 'must not contain credentials');
