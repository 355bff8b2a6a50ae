import { isGeneratorFunction } from 'node:util/types';

import { Injectable } from '@nestjs/common';

import { accessDeclarationsOf } from '../../auth/access/require.decorators.js';
import { listIn } from '../../values/list-in.js';
import { NO_OFFERS, type Offers } from './catalog.js';
import { classesOf } from './classes-of.js';
import { compilePrompt } from './compiled-prompt.js';
import { compileResource, isTemplate } from './compiled-resource.js';
import { compileTool } from './compiled-tool.js';
import { needsOrganization } from './dependency-tree.js';
import { type DeclaredMethod, methodNamed } from './discovery.js';
import { shapeProblems } from './declaration-shape.js';
import { hiddenEnhancersOf } from './enhancers.js';
import type { Findings } from './findings.js';
import { type MethodRunner, MethodRunnerFactory } from './method-runner.js';
import type { CompletionMethods } from './offer.js';

/** Compiles declared methods into offers. */
@Injectable()
export class DeclaredOffers {
  constructor(private readonly runners: MethodRunnerFactory) {}

  /** @param findings receives the problems and warnings, addressed to the declaration's author */
  compile(declared: DeclaredMethod, findings: Findings): Offers {
    const { provider, method, options } = declared;
    const { tool, resource, prompt } = options;
    const { problems } = findings;
    checkMethod(declared, problems);
    const targets = [...classesOf(provider.instance), method];
    const required = [...new Set(targets.flatMap(accessDeclarationsOf))];
    const malformed = [
      ...required.flatMap((declaration) => shapeProblems('access', declaration)),
      ...(tool ? shapeProblems('tool', tool) : []),
      ...(resource ? shapeProblems('resource', resource) : []),
      ...(prompt ? shapeProblems('prompt', prompt) : []),
    ];
    if (malformed.length > 0) {
      problems.push(...malformed);
      return NO_OFFERS;
    }
    const inherited = [...required, { organization: needsOrganization(provider) }];
    const run = this.#runner(declared, problems);
    let offers = NO_OFFERS;
    if (tool) offers = { ...offers, tools: [compileTool(tool, inherited, run, findings)] };
    if (resource) {
      const methods = {
        read: run,
        list: resource.list === undefined ? undefined : this.#helper(declared, resource.list, problems),
        completions: this.#completions(declared, resource.complete, problems),
      };
      const compiled = compileResource(resource, inherited, methods, problems);
      offers = {
        ...offers,
        ...(isTemplate(compiled) ? { templates: [compiled] } : { resources: [compiled] }),
      };
    }
    if (prompt) {
      const methods = { get: run, completions: this.#completions(declared, prompt.complete, problems) };
      offers = { ...offers, prompts: [compilePrompt(prompt, inherited, methods, findings)] };
    }
    return offers;
  }

  #runner({ provider, prototype, method, methodName }: DeclaredMethod, problems: string[]): MethodRunner {
    const skipped = [
      ...this.runners
        .skippedEnhancers(provider, method)
        .map(
          (enhancer) =>
            `NestJS would skip its ${enhancer}, because NestJS does not create the provider from its class. Provide ` +
            `${prototype.constructor.name} itself or with useClass, or pass an instance to the decorator`,
        ),
      ...hiddenEnhancersOf(provider.instance).map(
        (enhancer) =>
          `NestJS would skip its ${enhancer}, because a class decorator or mixin replaced the class that has it. ` +
          'Add it above all other decorators of the class',
      ),
    ];
    problems.push(...[...new Set(skipped)].filter((problem) => !problems.includes(problem)));
    return this.runners.create(provider, method, methodName);
  }

  /** Creates a runner for another method of the same class. */
  #helper(declared: DeclaredMethod, methodName: string, problems: string[]): MethodRunner | undefined {
    const method = methodNamed(declared.prototype, methodName);
    if (method) return this.#runner({ ...declared, method, methodName }, problems);
    problems.push(`it names the method ${methodName}, which its class does not have`);
    return undefined;
  }

  #completions(
    declared: DeclaredMethod,
    methods: Readonly<Record<string, string | undefined>> = {},
    problems: string[],
  ): CompletionMethods {
    const completions = new Map<string, MethodRunner>();
    for (const [name, methodName] of Object.entries(methods)) {
      const helper = methodName === undefined ? undefined : this.#helper(declared, methodName, problems);
      if (helper) completions.set(name, helper);
    }
    return completions;
  }
}

function checkMethod({ prototype, method, methodName }: DeclaredMethod, problems: string[]): void {
  const types: unknown = Reflect.getMetadata('design:paramtypes', prototype, methodName);
  const [input] = listIn(types);
  const wrong = [String, Number, Boolean, Array, Function].find((type) => type === input);
  if (wrong)
    problems.push(
      `its method takes a ${wrong.name}, but its input is always an object, as in ({ id }: { id: string })`,
    );
  if (isGeneratorFunction(method)) {
    problems.push('its method is a generator; return one value, and report progress with context.progress()');
  }
}
