/** Where everything is, in Scalekit's layout: one environment that protects one resource. */
export class IssuerUrls {
  /** The environment, `{env}`. Built from the port alone: a request's Host header never decides a URL. */
  readonly environment: string;
  /** Host and port that browsers must use, because the sign-in cookies belong to one host. */
  readonly host: string;
  /** Path below which the resource's own endpoints are. */
  readonly resourcePath: string;
  /** The issuer identifier (RFC 8414 §2) of the resource's authorization server: `{env}/resources/{res}`. */
  readonly resourceIssuer: string;
  readonly registrationPath: string;
  readonly signInPath = '/sign-in';

  constructor(port: number, resourceId: string) {
    this.host = `localhost:${port}`;
    this.environment = `http://${this.host}`;
    this.resourcePath = `/resources/${resourceId}`;
    this.resourceIssuer = `${this.environment}${this.resourcePath}`;
    this.registrationPath = `/api/v1${this.resourcePath}/clients:register`;
  }

  /** The `iss` of access tokens; Scalekit is moving from the first form to the second. */
  tokenIssuer(which: TokenIssuer): string {
    return which === 'resource' ? this.resourceIssuer : this.environment;
  }
}

/** Which of Scalekit's two issuers access tokens carry. */
export type TokenIssuer = 'environment' | 'resource';
