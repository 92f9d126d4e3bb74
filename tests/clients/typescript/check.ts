// What the walk says of every answer.
import type { components } from "./api.js";

export type Problem = components["schemas"]["Problem"];

type Answer<T> = { data?: T; error?: unknown; response: Response };

let checks = 0;

/** How many answers were looked at. */
export const count = (): number => checks;

export function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
  checks += 1;
}

/** The content of an answer that has this status. */
export async function expect<T>(status: number, answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer;
  check(response.status === status, `${response.url}: ${response.status}, not ${status}: ${JSON.stringify(error)}`);
  check(data !== undefined, `${response.url}: no content`);
  return data;
}

/** The problem that a refusal is told as. */
export async function refused(
  status: Problem["status"],
  code: Problem["code"],
  answer: Promise<{ error?: Problem; response: Response }>,
): Promise<Problem> {
  const { error, response } = await answer;
  check(error !== undefined, `${response.url}: ${response.status} is no refusal`);
  const told = [response.status, error.status, error.code, response.headers.get("Content-Type")];
  const expected = [status, status, code, "application/problem+json"];
  check(JSON.stringify(told) === JSON.stringify(expected), `${response.url}: ${told.join(" ")}: ${error.detail}`);
  return error;
}
