//! In which order the operations find what they need.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Operation};
use super::values::{SECRET, sent, variable};

/// What every answer is searched for.
const KEPT: [&str; 3] = ["access_token", "refresh_token", "seq"];

/// Whoever registers is the one who is invited, asked for and so on.
const INVITED: (&str, &str) = ("register", "user_id");

/// Whoever is invited is known to others once they take part in a conversation: what asks for it, and what tells that they do.
const KNOWN: ([&str; 2], &str) = (["read_user", "block_user"], "conversation_id");

/// After these, others could no longer be done.
const ENDINGS: [&str; 3] = ["log_out", "close", "delete"];

/// After this, nobody could log in again.
const THE_END: &str = "delete_account";

/// Takes what somebody else has said, and nobody else says anything.
const OF_OTHERS: &str = "report_message";

/// The tags of what is one's own.
const OWN: [&str; 2] = ["auth", "users"];

/// An operation in its place.
pub struct Placed<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// The variables that its answer gives, each with where it is in the answer, in JavaScript.
    pub gives: BTreeMap<String, String>,
    /// Whether it ends something of one's own, perhaps the session.
    pub ends_own: bool,
    /// Whether it can succeed: all that it takes is given by others, and the account's role may use it.
    pub succeeds: bool,
}

/// All operations: what gives a variable before what takes it, else by tag and path; what ends something
/// last, and in reverse.
pub fn order(document: &Document) -> Vec<Placed<'_>> {
    let tags: Vec<&str> = document.tags().map(|(name, _)| name).collect();
    let mut givers = givers(document);
    let examples = document.operations.iter().flat_map(|operation| path_examples(operation).map(|(name, _)| name));
    let given: BTreeSet<String> = givers.values().flat_map(BTreeMap::keys).cloned().collect();
    let given: BTreeSet<String> = given.into_iter().chain(examples.clone().map(str::to_owned)).collect();
    let mut rest: Vec<&Operation> = document.operations.iter().collect();
    let (mut placed, mut have): (Vec<Placed<'_>>, BTreeSet<String>) =
        (Vec::new(), examples.map(str::to_owned).collect());
    while !rest.is_empty() {
        let current = placed.last().map(|last| last.operation.tag.as_str());
        let key = |operation: &Operation| {
            let waits = takes(document, operation).iter().any(|name| given.contains(name) && !have.contains(name));
            let tag = (0_i32..).zip(&tags).find(|(_, tag)| **tag == operation.tag).map_or(i32::MAX, |(index, _)| index);
            let method = ["POST", "PUT", "PATCH", "GET"].iter().position(|method| *method == operation.method);
            let (path, other) = (operation.path.clone(), Some(operation.tag.as_str()) != current);
            if is_ending(operation) {
                // Nothing of one's own is left after that one.
                (
                    if operation.id == THE_END { 2 } else { 1 },
                    waits,
                    false,
                    -tag,
                    Reverse(operation.depth()),
                    path,
                    method,
                )
            } else {
                (0, waits, other, tag, Reverse(0), path, method)
            }
        };
        let Some(next) = (0..rest.len()).min_by_key(|index| key(rest[*index])) else { break };
        let operation = rest.swap_remove(next);
        let gives = givers.remove(operation.id.as_str()).unwrap_or_default();
        let takes = takes(document, operation);
        let may = operation.roles.as_ref().is_none_or(|roles| roles.iter().any(|role| role == "host"));
        let succeeds =
            may && !hands_on(operation) && operation.id != OF_OTHERS && takes.iter().all(|name| given.contains(name));
        have.extend(gives.keys().cloned());
        let ends_own = operation.secured && is_ending(operation) && OWN.contains(&operation.tag.as_str());
        placed.push(Placed { operation, gives, ends_own, succeeds });
    }
    placed
}

/// Which operation gives which variables.
fn givers(document: &Document) -> BTreeMap<&str, BTreeMap<String, String>> {
    let mut givers: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    let mut ids: BTreeSet<&str> = document.operations.iter().flat_map(path_examples).map(|(name, _)| name).collect();
    for operation in &document.operations {
        let properties = &operation.success["properties"];
        for name in KEPT.into_iter().filter(|name| properties.get(name).is_some()) {
            givers.entry(&operation.id).or_default().insert(name.to_owned(), format!("body.{name}"));
        }
        if operation.id == INVITED.0 {
            ids.insert(INVITED.1);
            givers.entry(&operation.id).or_default().insert(INVITED.1.to_owned(), "body.id".to_owned());
        }
    }
    // What is made here is found one level deeper; where nothing is made, what is listed first.
    for (method, property, place) in [("POST", "id", "body.id"), ("GET", "items", "body.items?.[0]?.id")] {
        for operation in document.operations.iter().filter(|operation| operation.method == method) {
            let prefix = format!("{}/{{", operation.path);
            let below =
                document.operations.iter().filter_map(|other| other.path.strip_prefix(&prefix)?.split('}').next());
            for name in below.filter(|_| operation.success["properties"].get(property).is_some()) {
                if ids.insert(name) {
                    givers.entry(&operation.id).or_default().insert(name.to_owned(), place.to_owned());
                }
            }
        }
    }
    givers
}

/// The variables without which an operation cannot succeed.
fn takes(document: &Document, operation: &Operation) -> BTreeSet<String> {
    let body = operation.body.as_ref().map(|(_, schema)| schema);
    let body = body.into_iter().flat_map(|schema| sent(document, schema)).map(|(name, _)| name.as_str());
    let body: Vec<&str> = body.collect();
    let secrets = body.iter().filter(|name| SECRET.contains(name)).copied();
    let token = operation.secured.then_some("access_token");
    let named = body.iter().filter_map(|name| variable(name));
    let known = KNOWN.0.contains(&operation.id.as_str()).then_some(KNOWN.1);
    operation.path_names().chain(secrets).chain(token).chain(named).chain(known).map(str::to_owned).collect()
}

/// The parameters of a path that the document has an example of: no ids, which somebody has to give.
pub fn path_examples(operation: &Operation) -> impl Iterator<Item = (&str, &str)> + Clone {
    let parameters = operation.parameters.iter().filter(|parameter| parameter["in"] == "path");
    parameters.filter_map(|parameter| Some((parameter["name"].as_str()?, parameter["example"].as_str()?)))
}

/// Whether it gives away what others need to be one's own. It comes when whom it would be given to has been removed.
fn hands_on(operation: &Operation) -> bool {
    operation.path.ends_with("/owner")
}

fn is_ending(operation: &Operation) -> bool {
    operation.method == "DELETE" || hands_on(operation) || ENDINGS.iter().any(|ending| operation.id.starts_with(ending))
}
