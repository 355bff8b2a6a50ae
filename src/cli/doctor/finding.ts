/** Fault of a server as a client sees it. */
export interface Finding {
  /** Stable name, for programs. */
  readonly id: string;
  /** A warning concerns some clients or may be intended. */
  readonly severity: 'error' | 'warning';
  readonly problem: string;
  readonly remedy: string;
  /** Clients that the fault is known to break. */
  readonly clients: readonly string[];
}

type Details = Omit<Finding, 'id' | 'severity'>;

/** Creates a finding that breaks sign-ins or calls. */
export const error = (id: string, details: Details): Finding => ({ id, severity: 'error', ...details });

/** Creates a finding that concerns some clients, or may be intended. */
export const warning = (id: string, details: Details): Finding => ({ id, severity: 'warning', ...details });

export const ALL_CLIENTS = ['all clients'] as const;
export const BROWSER_CLIENTS = ['clients in a browser, such as the MCP Inspector'] as const;
