import type { CallerView, FurtherScope, PageSettings } from '../page-settings.js';
import { announce, button, byId, element } from './dom.js';
import { Endpoint, type Tool } from './endpoint.js';
import { showProblem } from './problem.js';
import { beginSignIn } from './sign-in.js';
import { toolView } from './tool-view.js';

/** Maximum number of tools that the description of a scope names. */
const MAX_TITLES = 5;

/** Shows who the caller is, and the tools of the caller's own list. */
export async function showSession(settings: PageSettings, token: string): Promise<void> {
  const endpoint = new Endpoint(settings, token);
  const [caller, tools] = await Promise.all([endpoint.caller(), endpoint.tools()]);
  byId('session').replaceChildren(
    facts(caller),
    element('h3', { class: 'session-title' }, 'Your tools'),
    toolList(endpoint, caller, tools),
    ...furtherScopes(settings, caller, tools),
  );
  byId('look').textContent = 'Signed in';
  byId('invitation').textContent = 'This page keeps the token in memory only: a reload signs you out.';
  byId('session').hidden = false;
  announce(`Signed in as ${caller.subject}. ${tools.length} tools.`);
}

const timeOf = (date: Date): string => date.toLocaleTimeString([], { timeStyle: 'short' });

function facts({ subject, organizationId, scopes, expiresAt }: CallerView): HTMLElement {
  const chips = scopes.map((scope) => element('li', { class: 'chip' }, element('code', {}, scope)));
  const expiry = new Date(expiresAt * 1000);
  const entries: readonly [string, Node | string][] = [
    ['User', element('code', {}, subject)],
    ['Organization', organizationId === undefined ? 'none' : element('code', {}, organizationId)],
    ['Scopes', scopes.length > 0 ? element('ul', { class: 'chips' }, ...chips) : 'none'],
    ['Until', element('time', { datetime: expiry.toISOString() }, timeOf(expiry))],
  ];
  return element(
    'dl',
    {},
    ...entries.flatMap(([term, value]) => [element('dt', {}, term), element('dd', {}, value)]),
  );
}

function toolList(
  endpoint: Endpoint,
  { furtherScopes: further }: CallerView,
  tools: readonly Tool[],
): HTMLElement {
  if (tools.length === 0) return element('p', {}, 'With these scopes, the server offers you no tool.');
  const missing = missingByTool(further);
  const scopesFor = ({ name }: Tool): readonly string[] => missing.get(name) ?? [];
  const usableFirst = tools.toSorted((a, b) => Number(missing.has(a.name)) - Number(missing.has(b.name)));
  return element(
    'div',
    { class: 'clients tools' },
    ...usableFirst.map((tool) => toolView(endpoint, tool, scopesFor(tool))),
  );
}

/** Returns the missing scopes of each tool that the caller cannot use. */
function missingByTool(further: readonly FurtherScope[]): Map<string, string[]> {
  const missing = new Map<string, string[]>();
  for (const { scope, tools } of further) {
    for (const tool of tools) missing.set(tool, [...(missing.get(tool) ?? []), scope]);
  }
  return missing;
}

function furtherScopes(settings: PageSettings, caller: CallerView, tools: readonly Tool[]): HTMLElement[] {
  const { furtherScopes: further, scopes } = caller;
  if (further.length === 0) return [];
  const rows = further.map((entry) =>
    element(
      'div',
      { class: 'scope' },
      element('p', {}, element('code', {}, entry.scope), ` — ${effectOf(entry, tools)}`),
      button(`Ask for ${entry.scope}`, {}, () =>
        beginSignIn(settings, [...scopes, entry.scope]).catch(showProblem),
      ),
    ),
  );
  return [element('h3', { class: 'session-title' }, 'More scopes'), ...rows];
}

function effectOf({ tools: names }: FurtherScope, tools: readonly Tool[]): string {
  if (names.length === 0) return 'may show you more tools';
  const shown = names
    .slice(0, MAX_TITLES)
    .map((name) => tools.find((tool) => tool.name === name)?.title ?? name);
  const others = names.length - shown.length;
  return `lets you use ${shown.join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
}
