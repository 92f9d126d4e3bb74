//! `confab keys`: the keys that access tokens are signed with.

use std::io::{self, Write as _};

use confab_application::ports::Clock as _;
use confab_domain::Timestamp;
use confab_security::{KeyError, KeyFileError, KeyInfo, KeySet, KeyState};
use serde_json::{Value, json};

use crate::cli::Keys;
use crate::config::Config;
use crate::failure::Failure;
use crate::system::SystemClock;

/// Does it, and prints the keys that there are then. A key itself is never told.
///
/// # Errors
/// Where the file has no keys, or cannot be changed.
pub fn run(config: &Config, command: Keys) -> Result<(), Failure> {
    let path = &config.auth.signing_key_file;
    let now = SystemClock.now();
    let (result, as_json) = match command {
        Keys::List { json } => (KeySet::load(path), json),
        Keys::Rotate { signs_in, drop_others: false, json } => {
            let rotate = |keys: &KeySet| keys.rotate(now, now.plus_seconds(signs_in));
            (KeySet::change(path, rotate), json)
        }
        Keys::Rotate { drop_others: true, json, .. } => (KeySet::change(path, |_| KeySet::generate(now)), json),
        Keys::Prune { json } => (KeySet::change(path, |keys| Ok(keys.prune(now))), json),
    };
    let keys = result.map_err(|error| failed(&error))?.list(now);
    let text = if as_json { in_json(&keys) } else { in_text(&keys) };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

fn failed(error: &KeyFileError) -> Failure {
    let remedy = match &error.reason {
        KeyError::Unreadable(cause) if cause.kind() == io::ErrorKind::NotFound => "; the first start makes it",
        _ => "",
    };
    Failure::other(format_args!("auth.signing_key_file: {error}{remedy}"))
}

/// What a key does, as a word for programs, and since or until when.
fn state(key: &KeyInfo) -> (&'static str, Option<Timestamp>) {
    match key.state {
        KeyState::Waits(from) => ("waits", Some(from)),
        KeyState::Signs => ("signs", None),
        KeyState::Verifies(until) => ("verifies", Some(until)),
        KeyState::Retired => ("retired", None),
    }
}

fn in_json(keys: &[KeyInfo]) -> String {
    let key = |key: &KeyInfo| {
        let (word, time) = state(key);
        let time = |is_meant: bool| time.filter(|_| is_meant).map(|time| time.to_string());
        json!({
            "kid": key.id,
            "made_at": key.made.map(|made| made.to_string()),
            "state": word,
            "signs_from": time(word == "waits"),
            "verifies_until": time(word == "verifies"),
        })
    };
    format!("{:#}\n", Value::from_iter(keys.iter().map(key)))
}

fn in_text(keys: &[KeyInfo]) -> String {
    let line = |key: &KeyInfo| {
        let made = key.made.map_or_else(|| "at an unknown time".to_owned(), to_the_second);
        let does = match key.state {
            KeyState::Waits(from) => format!("signs from {}", to_the_second(from)),
            KeyState::Signs => "signs".to_owned(),
            KeyState::Verifies(until) => format!("verifies until {}", to_the_second(until)),
            KeyState::Retired => "retired: `confab keys prune` drops it".to_owned(),
        };
        format!("{}  made {made:20}  {does}\n", key.id)
    };
    keys.iter().map(line).collect()
}

/// Fractions of a second say nothing here.
fn to_the_second(time: Timestamp) -> String {
    let text = time.to_string();
    text.split_once('.').map_or_else(|| text.clone(), |(whole, _)| format!("{whole}Z"))
}
