// Tools and token verification of the peers' servers. The file is copied next to each of them.
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { z } from 'zod';

export const port = Number(process.env.PORT);
export const audience = process.env.AUDIENCE;

const keys = createRemoteJWKSet(new URL(process.env.KEYS_URL));

/** Verifies a token's signature, issuer, audience and expiry without a cache, and returns its claims. */
export async function verify(token) {
  const { payload } = await jwtVerify(token, keys, {
    issuer: process.env.ISSUER,
    audience,
    algorithms: ['RS256'],
    requiredClaims: ['exp'],
  });
  return payload;
}

export const bearerOf = (header = '') => header.replace(/^Bearer /, '');

const input = z.object({ name: z.string().min(1).describe('The name of whom to greet') });

export const tools = Array.from({ length: Number(process.env.TOOLS) }, (_, index) => ({
  name: `tool_${index + 1}`,
  description: `Greets somebody, and is the tool number ${index + 1}.`,
  input,
  greet: ({ name }) => `Hi ${name}`,
}));
