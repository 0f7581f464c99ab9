import { toJsonSchema } from '@valibot/to-json-schema';
import { atSchema, jsonlSchema, timelineSchema } from './schema.ts';

/** The definitions that JSON Schemas are made from, by what is given out. */
const SCHEMAS = { json: timelineSchema, jsonl: jsonlSchema, at: atSchema } as const;

/** Whether what is given out under that name has a JSON Schema. */
export const isSchemaName = (name: string): name is keyof typeof SCHEMAS => Object.hasOwn(SCHEMAS, name);

/** The JSON Schema of what a format gives out, as text. */
export function jsonSchemaText(of: keyof typeof SCHEMAS): string {
  return `${JSON.stringify(toJsonSchema(SCHEMAS[of]), null, 2)}\n`;
}
