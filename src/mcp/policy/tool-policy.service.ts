import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';

import { ConfigurationError } from '../../config/configuration-error.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { toolPolicyProblem } from '../../config/tool-policy.js';
import { CatalogService } from '../catalog/catalog.service.js';
import { ToolPolicy } from './tool-policy.js';
import { ToolPolicyFile, UnusableToolPolicyError } from './tool-policy-file.js';

/** Which organisations may have which tools, as `TOOL_POLICY` says at the moment. */
@Injectable()
export class ToolPolicyService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('ToolPolicy');
  readonly #path: string | undefined;
  #file: ToolPolicyFile | undefined;
  #policy = new ToolPolicy(new Map());
  readonly #listeners = new Set<() => void>();

  constructor(
    @Inject(CONFIGURATION) { tools }: Configuration,
    private readonly catalog: CatalogService,
  ) {
    this.#path = tools.policyFile;
  }

  /**
   * When the catalogue is complete, and before the server listens.
   *
   * @throws {ConfigurationError} with everything that is wrong with the file
   */
  async onApplicationBootstrap(): Promise<void> {
    const path = this.#path;
    if (path === undefined) return;
    this.#file = new ToolPolicyFile(path, (name) => this.catalog.current.findTool(name) !== undefined);
    try {
      this.#policy = await this.#file.read();
    } catch (error) {
      if (!(error instanceof UnusableToolPolicyError)) throw error;
      throw new ConfigurationError(error.problems.map((problem) => toolPolicyProblem(path, problem)));
    }
    this.#file.follow({
      onChange: (policy) => {
        this.#policy = policy;
        this.#listeners.forEach((listener) => listener());
        this.#logger.log(`The tool policy in ${path} has changed; it has ${policy.size} entries.`);
      },
      onRefusal: ({ message }) =>
        this.#logger.error(
          `The tool policy in ${path} has changed, but the former one stays in force: ${message}.`,
        ),
    });
  }

  onApplicationShutdown(): void {
    this.#file?.close();
  }

  /** Has a listener told whenever another policy is in force. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /**
   * Whether an organisation may have a tool. Looks it up in memory.
   *
   * @param organizationId undefined: a caller without organisation
   */
  allows(organizationId: string | undefined, toolName: string): boolean {
    return this.#policy.allows(organizationId, toolName);
  }
}
