import { type Exchange, isRight } from '../exchange.js';
import type { LoadClient } from './load.js';
import { type HttpAnswer, RawConnection, requestBytes } from './raw-connection.js';
import { PreparedRequest } from './request-ids.js';

const MAX_SHOWN = 500;

/** Client with one connection, which sends its exchanges in turn and checks each response. */
export class HttpClient implements LoadClient {
  #next = 0;

  private constructor(
    private readonly url: string,
    private readonly connection: RawConnection,
    private readonly exchanges: readonly { readonly exchange: Exchange; readonly request: PreparedRequest }[],
  ) {}

  static async open(url: string, exchanges: readonly [Exchange, ...Exchange[]]): Promise<HttpClient> {
    const prepared = exchanges.map((exchange) => ({
      exchange,
      request: new PreparedRequest(requestBytes(url, exchange)),
    }));
    return new HttpClient(url, await RawConnection.open(url), prepared);
  }

  async perform(): Promise<void> {
    const turn = this.exchanges[this.#next++ % this.exchanges.length];
    if (!turn) throw new Error('Nothing to send.');
    const answer = await this.connection.send(turn.request.next());
    check(answer, turn.exchange);
    if (!turn.exchange.follow) return;
    const second = turn.exchange.follow({ headers: headersOf(answer), body: answer.body });
    check(await this.connection.send(new PreparedRequest(requestBytes(this.url, second)).next()), second);
  }

  close(): void {
    this.connection.close();
  }
}

/** @throws {Error} if the response is wrong */
function check({ status, body }: HttpAnswer, exchange: Exchange): void {
  if (!isRight(status, body, exchange))
    throw new Error(`Wrong response: HTTP ${status}: ${body.slice(0, MAX_SHOWN)}`);
}

const headersOf = ({ head }: HttpAnswer): Headers =>
  new Headers(
    head
      .split('\r\n')
      .slice(1)
      .map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      }),
  );
