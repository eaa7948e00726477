import document from './openapi.json';

let text: string | undefined;

/** The OpenAPI document, as it is served; made once, by the first who asks. */
export function openapiText(): string {
  text ??= JSON.stringify(document);
  return text;
}
