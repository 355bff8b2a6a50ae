/** A client that acts for itself with the client credentials grant (RFC 6749 §4.4). */
export interface MachineClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly organizationId: string;
  /** What it is configured for, and what it gets where a request names no scope. */
  readonly scopes: readonly string[];
}

/** The one machine client. Its secret is public: one more reason why this issuer is for one machine only. */
export const DEMO_MACHINE_CLIENT: MachineClient = {
  clientId: 'm2m_demo',
  clientSecret: 'm2m_demo_secret',
  organizationId: 'org_acme',
  scopes: ['usr:read', 'org:read'],
};

/** The configured machine client of this id, if it is one. */
export function findMachineClient(clientId: string | undefined): MachineClient | undefined {
  return clientId === DEMO_MACHINE_CLIENT.clientId ? DEMO_MACHINE_CLIENT : undefined;
}
