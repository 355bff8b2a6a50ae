const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1)(:\d+)?$/i;

/** Where everything is, in Scalekit's layout: one environment that protects one resource. */
export class IssuerUrls {
  /** The environment, `{env}`. Never built from a request's Host header. */
  readonly environment: string;
  /** Host and port that browsers must use, because the sign-in cookies belong to one host. */
  readonly host: string;
  /** Path below which the resource's own endpoints are. */
  readonly resourcePath: string;
  /** The issuer identifier (RFC 8414 §2) of the resource's authorization server: `{env}/resources/{res}`. */
  readonly resourceIssuer: string;
  readonly registrationPath: string;
  readonly signInPath = '/sign-in';

  readonly #isPublic: boolean;

  /**
   * @param port where it listens, and under which it is found on this machine
   * @param publicUrl where it is found instead, through a proxy; its path does not count
   */
  constructor(port: number, resourceId: string, publicUrl?: string) {
    const environment = new URL(publicUrl ?? `http://localhost:${port}`);
    this.#isPublic = publicUrl !== undefined;
    this.host = environment.host;
    this.environment = environment.origin;
    this.resourcePath = `/resources/${resourceId}`;
    this.resourceIssuer = `${this.environment}${this.resourcePath}`;
    this.registrationPath = `/api/v1${this.resourcePath}/clients:register`;
  }

  /**
   * Whether a Host header names this issuer. On loopback anything but this machine's names is foreign, which is how
   * DNS rebinding lets a web page talk to local servers; behind a proxy only the public name is ours.
   */
  answersTo(host: string | undefined): boolean {
    if (host === undefined) return false;
    return this.#isPublic ? host.toLowerCase() === this.host : LOOPBACK_HOST.test(host);
  }

  /** The `iss` of access tokens; Scalekit is moving from the first form to the second. */
  tokenIssuer(which: TokenIssuer): string {
    return which === 'resource' ? this.resourceIssuer : this.environment;
  }
}

/** Which of Scalekit's two issuers access tokens carry. */
export type TokenIssuer = 'environment' | 'resource';
