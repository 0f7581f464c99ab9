import { toJsonSchema } from '@valibot/to-json-schema';
import { SCHEMAS } from './formats.ts';

/** The JSON Schema of what a format gives out, as text. */
export function jsonSchemaText(of: keyof typeof SCHEMAS): string {
  return `${JSON.stringify(toJsonSchema(SCHEMAS[of]), null, 2)}\n`;
}
