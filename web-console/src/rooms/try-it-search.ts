import { PROMPTS, PROOFS, type Asked } from "../try-it/trial";
import { text } from "../url";

/** What a link asks to be tried. */
export function parseTryIt(search: Record<string, unknown>): Asked {
  return {
    client_id: text(search.client_id),
    proof: PROOFS.find((known) => known === search.proof),
    scope: text(search.scope),
    resource: text(search.resource),
    prompt: PROMPTS.find((known) => known === search.prompt),
    max_age: text(search.max_age),
    login_hint: text(search.login_hint),
  };
}
