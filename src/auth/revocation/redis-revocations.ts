import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { channelIn } from '../../redis/channel-in.js';
import { followChannel } from '../../redis/follow-channel.js';
import { redisTime } from '../../redis/redis-time.js';
import type { Redis } from '../../redis/redis.js';
import { whenReady } from '../../redis/when-ready.js';
import { refusalOf } from './redis-refusal.js';
import type { RevocationStorage, RevocationWatcher } from './revocation-storage.js';

/**
 * Key of the list, and name of the channel of its instances. The key has no expiry, so that Redis does not evict it
 * under a `volatile-*` policy. Each entry has its own expiry.
 *
 * A message is empty after a change, a question that begins with {@link QUESTION}, or a list that cannot be stored.
 */
const KEY = 'aerie:revocations';
/**
 * Name of the channel of answers: the question, then a space if the instance knows a list, then that list if it cannot
 * be stored.
 */
const ANSWERS = 'aerie:revocations:answers';
/** Names of all channels of the instances, for {@link channelIn}. */
export const CHANNELS = [KEY, ANSWERS] as const;
const QUESTION = 'stored?';
/** Maximum time that the first read waits for a pending connection, milliseconds. */
const CONNECT_TIMEOUT_MS = 1_000;
/** Maximum time that a starting instance waits for the others, milliseconds. Earlier versions do not answer. */
const ANSWER_TIMEOUT_MS = 1_000;

/**
 * Time after the start of Redis within which the other instances connect again, milliseconds. They try at least once a
 * second.
 */
const RECONNECTION_MS = 2_000;
/** Age of Redis up to which a single instance does not take itself for the only one at once, milliseconds. */
const YOUNG_MS = 10_000;

const REPLACE = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[3], '')
return 1`;

/** Stores the revocation list in Redis, for any number of instances. */
export class RedisRevocations implements RevocationStorage {
  readonly kind = 'redis';
  readonly place = 'Redis';
  readonly #question = `${QUESTION}${randomUUID()}`;
  readonly #channel: string;
  readonly #answers: string;
  #stopListening = (): void => undefined;

  constructor(private readonly redis: Redis) {
    this.#channel = channelIn(redis, KEY);
    this.#answers = channelIn(redis, ANSWERS);
  }

  async read(): Promise<string | undefined> {
    await this.#connected();
    return (await this.redis.get(KEY)) ?? undefined;
  }

  async now(): Promise<number> {
    await this.#connected();
    return (await redisTime(this.redis)) ?? Date.now();
  }

  async replace(expected: string | undefined, text: string): Promise<boolean> {
    try {
      return (await this.redis.eval(REPLACE, 1, KEY, expected ?? '', text, this.#channel)) === 1;
    } catch (error) {
      throw refusalOf(error, text) ?? error;
    }
  }

  watch(watcher: RevocationWatcher): void {
    const { onChange, onOffer } = watcher;
    const onMessage = (message: string): void => {
      if (message === '') onChange();
      else if (message.startsWith(QUESTION)) void this.#answer(message, watcher);
      else onOffer(message);
    };
    const leave = followChannel(this.redis, this.#channel, { onMessage, onSubscribed: onChange });
    this.redis.on('ready', onChange);
    this.#stopListening = () => {
      leave();
      this.redis.off('ready', onChange);
    };
  }

  async askInstances(): Promise<string[]> {
    const { age, isPromoted } = await this.#server();
    if (age < RECONNECTION_MS) await delay(RECONNECTION_MS - age);
    const mayBeAlone = age >= YOUNG_MS && !isPromoted;
    const answers: string[] = [];
    const waiting = new AbortController();
    const end = (): void => waiting.abort();
    let expected = Infinity;
    let received = 0;
    const endIfComplete = (): void => {
      if (received >= expected && (answers.length > 0 || mayBeAlone)) end();
    };
    const ask = async (): Promise<void> => {
      const receivers = await this.redis.publish(this.#channel, this.#question);
      // A node of a cluster knows only its own receivers.
      if (!this.redis.isCluster) expected = receivers;
      endIfComplete();
    };
    const leave = followChannel(this.redis, this.#answers, {
      onMessage: (message) => {
        if (!message.startsWith(this.#question)) return;
        received++;
        if (message !== this.#question) answers.push(message.slice(this.#question.length + 1));
        endIfComplete();
      },
      onSubscribed: () => void ask().catch(end),
    });
    await delay(ANSWER_TIMEOUT_MS, undefined, { signal: waiting.signal }).catch(() => undefined);
    leave();
    return answers.filter((text) => text !== '');
  }

  async offer(text: string): Promise<number | undefined> {
    const receivers = await this.redis.publish(this.#channel, text);
    return this.redis.isCluster ? undefined : receivers;
  }

  close(): void {
    this.#stopListening();
  }

  async #connected(): Promise<void> {
    if (['connecting', 'connect'].includes(this.redis.status))
      await whenReady(this.redis, CONNECT_TIMEOUT_MS);
  }

  /**
   * Returns how long Redis has been running, milliseconds, and whether it has ever been a replica that was promoted.
   * After a start or a failover, it may lack what instances know that have not connected to it again. A user of Redis
   * who may not know this does without.
   */
  async #server(): Promise<{ age: number; isPromoted: boolean }> {
    const [server, replication] = await Promise.all(
      ['server', 'replication'].map((section) => this.redis.info(section).catch(() => '')),
    );
    return {
      age: 1_000 * Number(/^uptime_in_seconds:(\d+)/m.exec(server ?? '')?.[1] ?? Infinity),
      // Redis keeps the id of its earlier master, which says nothing of the time.
      isPromoted: /^master_replid2:(?!0+\s)/m.test(replication ?? ''),
    };
  }

  /** Answers another instance, and this one without a look at the storage, which it is about to read. */
  async #answer(question: string, { onQuestion }: RevocationWatcher): Promise<void> {
    const known = question === this.#question ? undefined : await onQuestion();
    const answer = known === undefined ? question : `${question} ${known}`;
    await this.redis.publish(this.#answers, answer).catch(() => undefined); // the other one times out
  }
}
