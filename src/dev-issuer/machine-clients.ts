/** Client that acts for itself with the client credentials grant (RFC 6749 §4.4). */
export interface MachineClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly organizationId: string;
  /** Allowed scopes, and the default if a request has no scope. */
  readonly scopes: readonly string[];
}

/** The only machine client. Its secret is public, so this issuer must stay on one machine. */
export const DEMO_MACHINE_CLIENT: MachineClient = {
  clientId: 'm2m_demo',
  clientSecret: 'm2m_demo_secret',
  organizationId: 'org_acme',
  scopes: ['usr:read', 'org:read'],
};

/** Finds the machine client by id. */
export function findMachineClient(clientId: string | undefined): MachineClient | undefined {
  return clientId === DEMO_MACHINE_CLIENT.clientId ? DEMO_MACHINE_CLIENT : undefined;
}
