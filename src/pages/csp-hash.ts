import { hash } from 'node:crypto';

/** Returns the source expression that allows one inline script or style (CSP Level 3 §2.3.1). */
export const cspHash = (text: string): string => `'sha256-${hash('sha256', text, 'base64')}'`;
