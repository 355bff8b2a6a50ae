const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1)(:\d+)?$/i;

/** URLs in Scalekit's layout: one environment that protects one resource. */
export class IssuerUrls {
  /** URL of the environment, `{env}`. Never derived from a request's Host header. */
  readonly environment: string;
  /** Host and port that browsers must use, because the sign-in cookies are bound to one host. */
  readonly host: string;
  /** Base path of the resource's own endpoints. */
  readonly resourcePath: string;
  /** Issuer identifier (RFC 8414 §2) of the resource's authorization server: `{env}/resources/{res}`. */
  readonly resourceIssuer: string;
  readonly registrationPath: string;
  readonly signInPath = '/sign-in';

  readonly #isPublic: boolean;

  /**
   * @param port port of the issuer on this machine
   * @param publicUrl URL of the issuer behind a proxy; its path is ignored
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
   * Whether a Host header names this issuer. On loopback, only this machine's names are accepted, which prevents DNS
   * rebinding by web pages. Behind a proxy, only the public name is accepted.
   */
  answersTo(host: string | undefined): boolean {
    if (host === undefined) return false;
    return this.#isPublic ? host.toLowerCase() === this.host : LOOPBACK_HOST.test(host);
  }

  /** Returns the `iss` of access tokens. Scalekit is moving from the environment's issuer to the resource's. */
  tokenIssuer(which: TokenIssuer): string {
    return which === 'resource' ? this.resourceIssuer : this.environment;
  }
}

/** Issuer in access tokens: one of Scalekit's two forms. */
export type TokenIssuer = 'environment' | 'resource';
