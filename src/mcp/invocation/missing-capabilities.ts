import {
  type ClientCapabilities,
  type InputRequest,
  type InputRequests,
  MissingRequiredClientCapabilityError,
} from '@modelcontextprotocol/server';

/**
 * Returns the error for a question that needs a capability that the client does not declare; undefined if there is none.
 * The SDK would find it only after the call has been recorded as one that waits for its client.
 */
export function missingCapability(
  questions: InputRequests,
  declared: ClientCapabilities,
): MissingRequiredClientCapabilityError | undefined {
  for (const [key, question] of Object.entries(questions)) {
    const requiredCapabilities = missingFor(question, declared);
    if (requiredCapabilities) {
      return new MissingRequiredClientCapabilityError(
        { requiredCapabilities },
        `Cannot request input '${key}' (${question.method}): the request's client capabilities do not declare the required capability`,
      );
    }
  }
  return undefined;
}

/** Elicitation without a mode is elicitation with a form. */
function missingFor(
  { method, params }: InputRequest,
  { elicitation, sampling, roots }: ClientCapabilities,
): ClientCapabilities | undefined {
  switch (method) {
    case 'elicitation/create': {
      if (params.mode === 'url') return elicitation?.url ? undefined : { elicitation: { url: {} } };
      const hasForms = elicitation && (elicitation.form ?? !elicitation.url);
      return hasForms ? undefined : { elicitation: { form: {} } };
    }
    case 'sampling/createMessage': {
      if (params.tools ?? params.toolChoice) return sampling?.tools ? undefined : { sampling: { tools: {} } };
      return sampling ? undefined : { sampling: {} };
    }
    case 'roots/list':
      return roots ? undefined : { roots: {} };
    default:
      return method satisfies never;
  }
}
