import { PortError, type Attributes } from './vocabulary.ts';

/** Makes the welcome's words out of a template and a user. */
export interface TemplateRenderer {
  /** @throws TemplateFaulty */
  render(values: TemplateValues): RenderedWelcome;
}

export interface TemplateValues {
  readonly name: string;
  readonly email: string;
  readonly attributes: Attributes;
}

export interface RenderedWelcome {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** A template cannot be read, or uses a variable that the user does not have. */
export class TemplateFaulty extends PortError {
  readonly code = 'template-faulty';
  readonly retryable = false;
}
