//! Who may do what: every cell of docs/permissions.md, tried against the server.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use confab_tests::{Answer, Backend, Operation, Person, Server, ServerOptions, operations};
use serde_json::{Value, json};

const ROLES: [&str; 3] = ["guest", "host", "admin"];
/// Of the two between whom there is a block, both are tried: whoever is blocked, and whoever has blocked.
const RELATIONS: [&str; 7] = ["owner", "member", "former", READS_ON, "none", "blocked", "blocking"];
/// A former member, where the setting `history_after_leave` is on.
const READS_ON: &str = "reads-on";

const DELETE_OWN: &str = "delete_own_message";
const DELETE_ANY: &str = "delete_any_message";

/// What the table says of a role and a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Allowed,
    WithReason,
    Denied,
}

/// A row of the table: an operation, and what asks for it.
struct Row {
    operation: String,
    in_api: Vec<String>,
    cells: [String; 3],
}

impl Row {
    fn all() -> Vec<Self> {
        let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/permissions.md");
        let table = std::fs::read_to_string(table).unwrap();
        let row = |line: &str| {
            let columns: Vec<&str> = line.strip_prefix("| `")?.strip_suffix(" |")?.split(" | ").collect();
            let [operation, in_api, guest, host, admin] = columns.as_slice() else { panic!("{line}") };
            Some(Self {
                operation: operation.split_once('`')?.0.to_owned(),
                in_api: in_api.split(", ").map(|id| id.trim_matches('`').to_owned()).collect(),
                cells: [guest, host, admin].map(|cell| (*cell).to_owned()),
            })
        };
        table.lines().filter_map(row).collect()
    }

    fn is_in_conversation(&self) -> bool {
        !self.cells.iter().any(|cell| cell == "yes")
            && self
                .cells
                .iter()
                .any(|cell| RELATIONS.iter().any(|relation| cell.contains(relation)) || cell.contains("anyone"))
    }

    /// What the table says. One's own message is also anyone's, to whoever deletes it.
    fn cell(&self, all: &[Self], role: usize, relation: &str) -> Cell {
        let relation = match relation {
            "blocking" => "blocked",
            READS_ON if self.cells[role].split("; ").any(|part| part == "after leaving") => return Cell::Allowed,
            READS_ON => "former",
            relation => relation,
        };
        let cell = self.cell_alone(role, relation);
        let anyones = all.iter().find(|row| self.operation == DELETE_OWN && row.operation == DELETE_ANY);
        match (cell, anyones) {
            (Cell::Denied, Some(row)) => row.cell_alone(role, relation),
            _ => cell,
        }
    }

    fn cell_alone(&self, role: usize, relation: &str) -> Cell {
        let cell = &self.cells[role];
        let mut parts = cell.split([';', ',']).map(str::trim);
        if cell == "yes" || parts.clone().any(|part| part == relation) {
            Cell::Allowed
        } else if parts.any(|part| {
            part == "anyone with a reason" || part == "anyone but blocked with a reason" && relation != "blocked"
        }) {
            Cell::WithReason
        } else {
            Cell::Denied
        }
    }
}

/// Everyone whom a cell needs.
struct Cast {
    /// Makes the groups.
    host: Person,
    /// In every group.
    other: Person,
    /// In none.
    outsider: Person,
    /// Known to all callers.
    bystander: Person,
    /// In a direct conversation with each, and between them a block.
    blocker: Person,
    /// The report of a message.
    report: String,
}

/// A group in which somebody has a relation to it, and a message in it.
struct Scene<'a> {
    cast: &'a Cast,
    group: String,
    /// A message of the caller's, if they can see the group, or of the host's.
    message: String,
    /// A message of somebody else's.
    others: String,
}

impl<'a> Scene<'a> {
    async fn new(cast: &'a Cast, caller: &Person, relation: &str) -> Self {
        let path = |group: &str, rest: &str| format!("/api/v1/conversations/{group}{rest}");
        if matches!(relation, "blocked" | "blocking") {
            return Self::blocked(cast, caller, relation == "blocking").await;
        }
        let others: Vec<&Person> = if relation == "none" { vec![&cast.other] } else { vec![&cast.other, caller] };
        let group = cast.host.create_group("A group", &others).await;
        let author = if matches!(relation, "owner" | "member") { caller } else { &cast.host };
        let message = author.say(&group, "hello").await["id"].as_str().unwrap().to_owned();
        let others = cast.other.say(&group, "hello").await["id"].as_str().unwrap().to_owned();
        match relation {
            "owner" => {
                let to = json!({ "user_id": caller.id });
                cast.host.call("PUT", &path(&group, "/owner"), &to).await.expect(200);
            }
            "former" | READS_ON => {
                let leave = caller.request("DELETE", &path(&group, "/participants/me"));
                assert_eq!(caller.api.send(leave).await.unwrap().status, 204);
            }
            _ => {}
        }
        Self { cast, group, message, others }
    }

    /// The direct conversation of the caller and somebody else, of whom one has blocked the other.
    async fn blocked(cast: &'a Cast, caller: &Person, by_caller: bool) -> Self {
        let blocks = |id: &str| format!("/api/v1/users/me/blocks/{id}");
        caller.call("DELETE", &blocks(&cast.blocker.id), &Value::Null).await.expect(204);
        cast.blocker.call("DELETE", &blocks(&caller.id), &Value::Null).await.expect(204);
        let pair = json!({ "participant_ids": [cast.blocker.id] });
        let direct = caller.post("/api/v1/conversations", &pair).await;
        assert!(matches!(direct.status, 200 | 201), "{}", direct.text);
        let group = direct.json["id"].as_str().unwrap().to_owned();
        let message = caller.say(&group, "hello").await["id"].as_str().unwrap().to_owned();
        let others = cast.blocker.say(&group, "hello").await["id"].as_str().unwrap().to_owned();
        let (from, to) = if by_caller { (caller, &cast.blocker) } else { (&cast.blocker, caller) };
        from.call("PUT", &blocks(&to.id), &Value::Null).await.expect(204);
        Self { cast, group, message, others }
    }

    /// What asks for an operation: the rest of the path where it is not that of the document, and a body.
    fn request(&self, caller: &Person, row: &str, id: &str) -> Option<Value> {
        let outsider = &self.cast.outsider.id;
        Some(match (row, id) {
            ("start_direct", _) => json!({ "participant_ids": [outsider] }),
            ("create_group", _) => json!({ "participant_ids": [outsider], "kind": "group" }),
            (_, "change_profile") => json!({}),
            (_, "change_standing") => json!({ "role": "host" }),
            (_, "change_password") => json!({ "current_password": caller.password, "new_password": caller.password }),
            (_, "delete_account") => json!({ "current_password": caller.password }),
            (_, "change_conversation") => json!({ "title": "Another" }),
            (_, "replace_conversation") => json!({
                "title": "Another", "announcement": false, "history": "from_start", "closed": false, "metadata": {},
            }),
            (_, "set_conversation_preferences") => json!({ "pinned": true }),
            (_, "add_participants") => json!({ "user_ids": [outsider] }),
            (_, "hand_on_conversation") => json!({ "user_id": self.cast.other.id }),
            (_, "report_message") => json!({ "reason": "spam" }),
            (_, "inspect_conversation") => json!({ "minutes": 15 }),
            (_, "change_report") => json!({ "state": "resolved" }),
            (_, "send_message" | "replace_message" | "change_message") => json!({ "body": "hello again" }),
            (_, "mark_conversation_read" | "mark_conversation_delivered" | "mark_conversation_unread") => {
                json!({ "seq": 1 })
            }
            (
                _,
                "read_profile"
                | "list_blocks"
                | "block_user"
                | "unblock_user"
                | "read_user"
                | "find_users"
                | "export_data"
                | "list_limits"
                | "list_own_audit"
                | "list_sessions"
                | "end_session"
                | "end_user_sessions"
                | "list_users"
                | "list_reports"
                | "read_report"
                | "end_other_sessions"
                | "log_out"
                | "read_permissions"
                | "list_conversations"
                | "count_unread"
                | "mark_all_conversations_read"
                | "get_conversation"
                | "list_events"
                | "list_messages"
                | "get_message"
                | "list_message_readers"
                | "list_message_revisions"
                | "list_reactions"
                | "list_participants"
                | "search_messages"
                | "add_reaction"
                | "remove_reaction"
                | "delete_message"
                | "delete_conversation"
                | "remove_participant",
            ) => Value::Null,
            _ => return None,
        })
    }

    fn path(&self, row: &str, operation: &Operation, caller: &Person) -> String {
        let who = match row {
            "leave_conversation" => "me",
            "read_user_card" => &caller.id,
            "block_users" => &self.cast.bystander.id,
            _ => &self.cast.other.id,
        };
        let message = if matches!(row, DELETE_ANY | "report_message") { &self.others } else { &self.message };
        let path = operation.path.replace("{conversation_id}", &self.group).replace("{message_id}", message);
        let path = path.replace("{user_id}", who).replace("{emoji}", "%F0%9F%91%8D");
        let path = path.replace("{report_id}", &self.cast.report);
        match (row, operation.id.as_str()) {
            (_, "list_events") => format!("{path}?after=0"),
            (_, "find_users") => format!("{path}?contact={}", caller.email),
            (_, "search_messages") => format!("{path}?q=hello"),
            ("hide_message", _) => format!("{path}?for=me"),
            _ => path,
        }
    }
}

async fn call(person: Option<&Person>, api: &Server, operation: &Operation, path: &str, body: &Value) -> Answer {
    let mut request = match person {
        Some(person) => person.request(&operation.method, path),
        None => api.api().request(&operation.method, path),
    };
    if operation.has_body {
        request = request.json(body);
    }
    if matches!(operation.id.as_str(), "replace_message" | "change_message") {
        request = request.header("If-Match", "*");
    }
    api.api().send(request).await.unwrap()
}

/// A server with everyone on it.
struct Stage {
    server: Server,
    cast: Cast,
    /// A guest, a host and an admin.
    callers: [Person; 3],
}

impl Stage {
    async fn on(server: Server) -> Self {
        let (host, other) = (server.person("host", "host").await, server.person("other", "host").await);
        let reported = host.create_group("Reported", &[&other]).await;
        let message = other.say(&reported, "buy this").await["id"].as_str().unwrap().to_owned();
        let reported = format!("/api/v1/conversations/{reported}/messages/{message}/report");
        let report = host.post(&reported, &json!({ "reason": "spam" })).await.expect(201);
        let cast = Cast {
            report: report["id"].as_str().unwrap().to_owned(),
            host,
            other,
            outsider: server.person("outsider", "host").await,
            bystander: server.person("bystander", "host").await,
            blocker: server.person("blocker", "host").await,
        };
        let callers = [
            server.person("a-guest", "guest").await,
            server.person("a-host", "host").await,
            server.person("an-admin", "admin").await,
        ];
        cast.bystander.create_group("Known", &[&callers[0], &callers[1], &callers[2]]).await;
        Self { server, cast, callers }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_of_the_table_is_what_the_server_does() {
    let reads_on = ServerOptions::cheap_passwords().set("CONFAB__POLICY__HISTORY_AFTER_LEAVE", "true");
    let stages = [
        Stage::on(Server::start(Backend::Memory).await).await,
        Stage::on(Server::with(Backend::Sqlite, reads_on).await).await,
    ];
    let by_id: BTreeMap<String, Operation> =
        operations().into_iter().filter(|operation| operation.secured).map(|one| (one.id.clone(), one)).collect();
    let mut tried = BTreeSet::new();
    let (mut cells, mut wrong) = (0, Vec::new());
    let rows = Row::all();
    for row in &rows {
        for id in row.in_api.iter().filter(|id| !id.is_empty()) {
            let operation = &by_id[id];
            tried.insert(id.clone());
            for relation in RELATIONS {
                let Stage { server, cast, callers } = &stages[usize::from(relation == READS_ON)];
                let scene = Scene::new(cast, &callers[0], "none").await;
                let body = scene
                    .request(&callers[0], &row.operation, id)
                    .unwrap_or_else(|| panic!("{id} has no request here"));
                let path = scene.path(&row.operation, operation, &callers[0]);
                let found = call(None, server, operation, &path, &body).await;
                cells += 1;
                if found.status != 401 {
                    wrong.push(format!("{id} by anonymous, {relation}: {}", found.status));
                }
                for (role, caller) in callers.iter().enumerate() {
                    // Whoever ends a session needs one that nobody else is in.
                    let apart = match id.as_str() {
                        "end_session" | "end_other_sessions" | "log_out" | "delete_account" => {
                            Some(server.person(&format!("{id}-{role}-{relation}"), ROLES[role]).await)
                        }
                        _ => None,
                    };
                    let caller = apart.as_ref().unwrap_or(caller);
                    let scene = Scene::new(cast, caller, relation).await;
                    let body = scene.request(caller, &row.operation, id).unwrap_or_default();
                    let mut path = scene.path(&row.operation, operation, caller);
                    if path.contains("{session_id}") {
                        let sessions = caller.get(&by_id["list_sessions"].path).await.expect(200);
                        path = path.replace("{session_id}", sessions["items"][0]["id"].as_str().unwrap());
                    }
                    if id == "end_user_sessions" {
                        // Nothing else is done in those of the outsider.
                        path = path.replace(&cast.other.id, &cast.outsider.id);
                    }
                    let found = call(Some(caller), server, operation, &path, &body).await;
                    let outside = matches!(relation, "former" | READS_ON | "none");
                    let is_right = match row.cell(&rows, role, relation) {
                        Cell::Allowed => (200..300).contains(&found.status),
                        Cell::Denied if row.is_in_conversation() && outside => found.status == 404,
                        Cell::Denied => {
                            let is_blocked = row.is_in_conversation() && relation.starts_with("block");
                            found.status == 403 && (found.json["code"] == "blocked") == is_blocked
                        }
                        Cell::WithReason => {
                            let sign = if path.contains('?') { '&' } else { '?' };
                            let with = format!("{path}{sign}reason=because");
                            let with = call(Some(caller), server, operation, &with, &body).await;
                            found.status == 422
                                && found.json["errors"][0]["pointer"] == "/reason"
                                && (200..300).contains(&with.status)
                        }
                    };
                    cells += 1;
                    if !is_right {
                        let cell = row.cell(&rows, role, relation);
                        wrong.push(format!(
                            "{} ({id}) by {}, {relation}: {cell:?}, but {} {}",
                            row.operation, ROLES[role], found.status, found.text
                        ));
                    }
                }
            }
        }
    }
    let all: BTreeSet<String> = by_id.keys().cloned().collect();
    assert_eq!(tried, all, "each operation that takes a token is in the table");
    assert!(wrong.is_empty(), "{} of {cells} cells are not what the table says:\n{}", wrong.len(), wrong.join("\n"));
    println!("{cells} cells, each as the table says");
}
