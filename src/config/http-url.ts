import { z } from 'zod';

/** An http or https URL without user name and password, which do not belong in what is published or logged. */
export const httpUrl = z
  .url({ protocol: /^https?$/, abort: true, error: 'no http or https URL' })
  .refine((text) => {
    const { username, password } = new URL(text);
    return username === '' && password === '';
  }, 'a URL with credentials');
