import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';

import { ConfigurationError } from '../../config/configuration-error.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { Reloads } from '../../config/reloads.js';
import { toolPolicyProblem } from '../../config/tool-policy-document.js';
import { CatalogService } from '../catalog/catalog.service.js';
import { type PolicedTool, ToolPolicy } from './tool-policy.js';
import { ToolPolicyFile, UnusableToolPolicyError } from './tool-policy-file.js';

/** Applies the current policy of `TOOL_POLICY`: which organizations may use which tools. */
@Injectable()
export class ToolPolicyService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('ToolPolicy');
  #file: ToolPolicyFile | undefined;
  #policy = new ToolPolicy(new Map());
  /** Changed policy that names unknown tools or groups. What it denies is denied at once. */
  #refused: ToolPolicy | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #refusalListeners = new Set<() => void>();
  #isRefused = false;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly catalog: CatalogService,
    reloads: Reloads,
  ) {
    catalog.names.onAdded(() => this.#file?.retry());
    reloads.on(['TOOL_POLICY'], ({ tools: { policyFile } }) => {
      if (policyFile === undefined || !this.#file) return false;
      this.#file.close();
      this.#follow((this.#file = this.#open(policyFile)), policyFile);
      return true;
    });
  }

  /**
   * Reads the policy after the catalog is complete and before the server listens.
   *
   * @throws {ConfigurationError} with every problem in the file
   */
  async onApplicationBootstrap(): Promise<void> {
    const path = this.configuration.tools.policyFile;
    if (path === undefined) return;
    this.#file = this.#open(path);
    try {
      this.#policy = await this.#file.read();
    } catch (error) {
      if (!(error instanceof UnusableToolPolicyError)) throw error;
      throw new ConfigurationError(error.problems.map((problem) => toolPolicyProblem(path, problem)));
    }
    this.#warnOfLateNames(this.#policy, path);
    this.#follow(this.#file, path);
  }

  onApplicationShutdown(): void {
    this.#file?.close();
  }

  #open(path: string): ToolPolicyFile {
    return new ToolPolicyFile(path, () => this.catalog.names);
  }

  /** Applies the file once it is valid, and each change of it. */
  #follow(file: ToolPolicyFile, path: string): void {
    file.follow({
      onChange: (policy) => {
        this.#policy = policy;
        this.#refused = undefined;
        this.#isRefused = false;
        this.#listeners.forEach((listener) => listener());
        this.#logger.log(`Loaded the changed tool policy ${path} (entries: ${policy.size}).`);
        this.#warnOfLateNames(policy, path);
      },
      onRefusal: ({ message, policy }) => {
        this.#refused = policy ?? this.#refused;
        this.#isRefused = true;
        this.#logger.error(
          `The changed tool policy ${path} is invalid, so the previous policy stays in force${policy ? ', and what the changed one denies is denied' : ''}: ${message}.`,
        );
        this.#refusalListeners.forEach((listener) => listener());
      },
    });
  }

  #warnOfLateNames(policy: ToolPolicy, path: string): void {
    const names = policy.unknownNames(this.catalog.names, true);
    if (names.length === 0) return;
    this.#logger.warn(`The tool policy ${path} names what has not been added yet: ${names.join('; ')}.`);
  }

  /** Calls a listener whenever the policy changes. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Calls a listener whenever the file has changed but is invalid. */
  onRefusal(listener: () => void): void {
    this.#refusalListeners.add(listener);
  }

  /** Whether the file is invalid, so that a previous policy is in force. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** SHA-256 of the policy file that was read last, as hexadecimal digits; undefined without a file. */
  get digest(): string | undefined {
    return this.#file?.digest;
  }

  /**
   * Whether an organization may use a tool. Reads only from memory.
   *
   * @param organizationId undefined for a caller without an organization
   */
  allows(organizationId: string | undefined, tool: PolicedTool): boolean {
    return this.#policy.allows(organizationId, tool) && this.#refused?.denies(organizationId, tool) !== true;
  }
}
