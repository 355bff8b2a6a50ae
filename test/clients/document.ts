import { readFileSync, writeFileSync } from 'node:fs';

import type { ClientGroup, SetupStep } from '../../src/connect/clients/client-setup.js';
import { CLIENT_GROUPS } from '../../src/connect/clients/index.js';
import { CLIENTS, type Client } from './catalog.js';
import { type Handshake, readHandshakes } from './handshake.js';
import { readResults, type Result, type Results, type Step } from './result.js';

const PAGE = 'docs/clients.md';
const EXAMPLE = { name: 'company', title: 'Company', url: 'https://mcp.example.com/mcp' };
const COLUMNS = ['sign in', 'list', 'call', 'step-up', 'renew'] as const;

/** Writes the results and the handshakes into the page about clients. */
export function documentClients(): void {
  writeFileSync(PAGE, updated(readFileSync(PAGE, 'utf8')));
}

/** Replaces the generated parts of the page. */
export function updated(page: string): string {
  const results = readResults();
  const handshakes = readHandshakes();
  const parts = {
    setups: CLIENT_GROUPS.map(setups).join('\n\n'),
    handshakes: handshakeTable(handshakes),
    needs: needs(handshakes),
    results: resultTable(results),
    failures: failures(results),
  };
  return Object.entries(parts).reduce((text, [name, content]) => {
    const part = new RegExp(`(?<=<!-- ${name} -->\n)[^]*?(?=<!-- /${name} -->)`);
    if (!part.test(text)) throw new Error(`${PAGE} has no part ${name}.`);
    return text.replace(part, () => `\n${content}\n\n`);
  }, page);
}

const handshakeTable = (handshakes: readonly Handshake[]): string =>
  table(
    ['client', 'version', 'handshake'],
    handshakes.map(({ client, version, basis, date }) => [client, version, `${basis} ${date}`]),
  );

/** Shows the setups of the connect page for an example. */
const setups = ({ title, clients }: ClientGroup): string =>
  `**${title}**\n\n${table(
    ['client', 'add the server'],
    clients.map(({ name, source, steps, note }) => [
      `[${name}](${source})`,
      [...steps.map(setupStep), ...(note ? [note] : [])].join('<br>').replaceAll('|', String.raw`\|`),
    ]),
  )}`;

const setupStep = ({ text, copy }: SetupStep): string =>
  copy ? `${text} \`${copy(EXAMPLE).replaceAll(/(?: \\)?\n\s*/g, ' ')}\`` : text;

const needs = (handshakes: readonly Handshake[]): string =>
  handshakes
    .map(({ client, needs: list }) => [`**${client}**`, '', ...list.map((need) => `- ${need}`)].join('\n'))
    .join('\n\n');

function resultTable(results: Results): string {
  const rows = Object.entries(CLIENTS).flatMap(([name, client]) => {
    const result = results[name];
    if (!result) throw new Error(`There is no result of ${name}. Run: npm run test:clients ${name}`);
    return client.isSuite ? [] : [[titleOf(client), result.packages, ...cells(client, result), result.date]];
  });
  return table(['client', 'packages', ...COLUMNS, 'date'], rows);
}

const titleOf = ({ title, language }: Client): string =>
  language === undefined || title.startsWith(language) ? title : `${title}, ${language}`;

function cells(client: Client, { notRun, steps }: Result): string[] {
  if (notRun !== undefined) return [`not run: ${notRun}`, ...COLUMNS.slice(1).map(() => '')];
  return COLUMNS.map((column) => {
    const step = steps.find((candidate) => candidate.step === column);
    const connected =
      column === 'sign in' ? steps.find((candidate) => candidate.step === 'connect') : undefined;
    return step ? cell(step) : connected ? (client.signsIn ? cell(connected) : 'with a token') : '';
  });
}

function cell({ step, outcome, detail }: Step): string {
  if (outcome === 'failed') return '**fails**';
  return step === 'renew' ? detail : 'yes';
}

/** Explains every step that fails, and lists the notes and the suites. */
function failures(results: Results): string {
  const lines = Object.entries(CLIENTS).flatMap(([name, client]) => {
    const { packages = '', steps = [] } = results[name] ?? {};
    const explained = steps
      .filter(({ outcome }) => outcome === 'failed')
      .map(({ step, detail }) => `- **${titleOf(client)}, ${step}**: ${reasonOf(name, step, detail)}`);
    const notes = client.note === undefined ? [] : [`- **${titleOf(client)}**: ${client.note}`];
    const suites = steps.filter(({ step }) => step === 'conformance').map(({ detail }) => detail);
    const passed = suites.length > 0 ? [`- **${client.title}** (${packages}): ${suites.join('; ')}.`] : [];
    return [...explained, ...notes, ...passed];
  });
  return lines.join('\n');
}

function reasonOf(name: string, step: Step['step'], detail: string): string {
  const reason = CLIENTS[name]?.failures?.[step];
  if (reason !== undefined) return reason;
  throw new Error(`Nothing in test/clients/catalog.ts explains that ${name} fails: ${step}, ${detail}`);
}

/** Formats a Markdown table, aligned as Prettier does. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (values: readonly string[]): string =>
    `| ${widths.map((width, column) => (values[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
