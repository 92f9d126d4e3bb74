// What a front-end does all day, through the client that is generated from the OpenAPI document.
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./api.js";
import { check, count, expect, refused } from "./check.js";

type Tokens = components["schemas"]["TokenResponse"];
type Message = components["schemas"]["MessageResponse"];
type Person = { id: string; api: Client<paths>; tokens: Tokens };

const variable = (name: string): string => process.env[name] ?? "";
const baseUrl = variable("CONFAB_URL");
const anyone = createClient<paths>({ baseUrl });

async function logIn(email: string, password: string): Promise<Person> {
  const tokens = await expect(200, anyone.POST("/api/v1/auth/token", { body: { email, password } }));
  const api = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${tokens.access_token}` } });
  const profile = await expect(200, api.GET("/api/v1/users/me"));
  return { id: profile.id, api, tokens };
}

async function register(first_name: string): Promise<Person> {
  const [email, password] = [`${first_name.toLowerCase()}@example.net`, `the password of ${first_name}`];
  const account = { email, password, first_name, last_name: "Walker" };
  const profile = await expect(201, anyone.POST("/api/v1/auth/register", { body: account }));
  check(profile?.role === "guest", "whoever registers is a guest, and is told so where registrations are not concealed");
  return logIn(email, password);
}

const send = (person: Person, conversation_id: string, body: string, key?: string) =>
  person.api.POST("/api/v1/conversations/{conversation_id}/messages", {
    params: { path: { conversation_id }, header: key === undefined ? {} : { "Idempotency-Key": key } },
    body: { body },
  });

const read = (person: Person, conversation_id: string, limit: number, cursor?: string) =>
  person.api.GET("/api/v1/conversations/{conversation_id}/messages", {
    params: { path: { conversation_id }, query: { order: "oldest_first", limit, ...(cursor ? { cursor } : {}) } },
  });

const start = (person: Person, body: components["schemas"]["CreateConversationRequest"]) =>
  person.api.POST("/api/v1/conversations", { body });

// Two people sign up; a third one is a host.
const [brian, grace] = [await register("Brian"), await register("Grace")];
const ada = await logIn(variable("CONFAB_EMAIL"), variable("CONFAB_PASSWORD"));

// Two people have one direct conversation for ever.
const direct = await expect(201, start(brian, { participant_ids: [ada.id] }));
const again = await expect(200, start(ada, { participant_ids: [brian.id] }));
check(direct.kind === "direct" && again.id === direct.id, "the direct conversation is started once");

// A group is for hosts to make.
await refused(403, "role_too_low", start(grace, { participant_ids: [ada.id, brian.id], title: "Mine" }));
const group = await expect(201, start(ada, { participant_ids: [brian.id, grace.id], title: "Analytical engines" }));
check(group.kind === "group", "a group is one");

// A message that is sent again is the same message, and the same key with another body is refused.
const first = await expect(201, send(brian, group.id, "Hello!", "brian-1"));
const retried = await expect(200, send(brian, group.id, "Hello!", "brian-1"));
check(retried.id === first.id && retried.seq === first.seq, "a retry is the same message");
await refused(409, "client_message_id_reused", send(brian, group.id, "Hello?", "brian-1"));
for (const body of ["two", "three", "four", "five 🎉"]) await expect(201, send(ada, group.id, body));

// The history, page by page: forth to its end, and back to its start.
const forth: Message[] = [];
let page = await expect(200, read(grace, group.id, 2));
forth.push(...page.items);
while (page.next_cursor !== null) {
  page = await expect(200, read(grace, group.id, 2, page.next_cursor));
  forth.push(...page.items);
}
const bodies = forth.map((message) => message.body);
check(["Hello!", "two", "three", "four", "five 🎉"].every((body) => bodies.includes(body)), "nothing is left out");
check(forth.every((message, index) => message.seq === index + 1), "every seq once, in order");
const back: Message[] = [...page.items];
while (page.previous_cursor !== null) {
  page = await expect(200, read(grace, group.id, 2, page.previous_cursor));
  back.unshift(...page.items);
}
check(JSON.stringify(back) === JSON.stringify(forth), "the way back is the way forth");

// Reading lowers the count of what is unread.
const last = forth[forth.length - 1];
check(last !== undefined, "the history is not empty");
const path = { conversation_id: group.id };
const state = await expect(
  200,
  grace.api.PUT("/api/v1/conversations/{conversation_id}/read", { params: { path }, body: { seq: last.seq } }),
);
check(state.last_read_seq === last.seq && state.unread_count === 0, "all is read");
const listed = await expect(200, grace.api.GET("/api/v1/conversations", { params: { query: { kind: "group" } } }));
check(listed.items.length === 1 && listed.items[0]?.id === group.id, "the group is listed");

// A refresh token is good once.
const refresh = (refresh_token: string) => anyone.POST("/api/v1/auth/token/refresh", { body: { refresh_token } });
const tokens = await expect(200, refresh(grace.tokens.refresh_token));
check(tokens.refresh_token !== grace.tokens.refresh_token, "the refresh token is another one");

// Refusals are problems, and name what is wrong.
await refused(401, "missing_token", anyone.GET("/api/v1/users/me"));
const outside = await refused(
  404,
  "conversation_not_found",
  grace.api.GET("/api/v1/conversations/{conversation_id}", { params: { path: { conversation_id: direct.id } } }),
);
check(outside.request_id !== "", "a refusal names its request");
const invalid = await refused(422, "invalid_input", send(brian, group.id, ""));
check(invalid.errors?.[0]?.pointer === "/body", "the field is named");

console.log(`${count()} checks hold`);
