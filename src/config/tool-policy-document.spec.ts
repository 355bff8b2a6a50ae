import { parseToolPolicy } from './tool-policy-document.js';

const problemsOf = (document: unknown): string[] => {
  const problems: string[] = [];
  parseToolPolicy(typeof document === 'string' ? document : JSON.stringify(document), problems);
  return problems;
};

describe('parseToolPolicy', () => {
  it('parses lists by organization', () => {
    const problems: string[] = [];
    const document = parseToolPolicy(
      '{"org_acme":{"deny":["a"]},"org_globex":{"allow":[]},"*":{},"__proto__":{"deny":["b"]}}',
      problems,
    );
    expect(problems).toEqual([]);
    expect([...document]).toEqual([
      ['org_acme', { deny: ['a'] }],
      ['org_globex', { allow: [] }],
      ['*', {}],
      ['__proto__', { deny: ['b'] }],
    ]);
  });

  it('accepts a byte order mark', () => {
    expect(problemsOf('\uFEFF{"org_acme":{"deny":["a"]}}')).toEqual([]);
  });

  it.each([['[]'], ['null'], ['"org_acme"'], ['7']])('rejects %s', (text) => {
    expect(problemsOf(text)).toEqual(['it must be a JSON object keyed by organization id']);
  });

  it('rejects invalid JSON', () => {
    expect(problemsOf('{')).toEqual([expect.stringMatching(/^it is not JSON: /)]);
    expect(problemsOf('')).toEqual([expect.stringMatching(/^it is not JSON: /)]);
  });

  it('rejects an organization or a list that is there twice, of which JSON keeps only the last', () => {
    expect(
      problemsOf('{"org_acme":{"deny":["a"]},"org_acme":{"allow":["b"]},"*":{"deny":["a"],"deny":[]}}'),
    ).toEqual([
      'org_acme is there more than once. Combine its entries',
      '*.deny is there more than once. Combine its entries',
    ]);
  });

  it('names the location of every problem', () => {
    const problems = problemsOf({
      org_acme: { Deny: ['a'] },
      org_globex: { allow: 'a', deny: ['a', 1, ''] },
      org_initech: ['a'],
      org_none: null,
      ' ': {},
      '': {},
    });
    expect(problems.map((problem) => problem.split(': ')[0])).toEqual([
      'org_acme',
      'org_globex.allow',
      'org_globex.deny[1]',
      'org_globex.deny[2]',
      'org_initech',
      'org_none',
      '" " is not a valid organization id',
      '"" is not a valid organization id',
    ]);
    expect(problems[0]).toContain('Deny');
  });
});
