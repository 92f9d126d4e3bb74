//! What there is to set, as the page `docs/configuration.md`, and what is set.

use std::fmt::Write as _;

use figment::Figment;
use figment::value::Value;

use super::layer::Layer;
use super::{CliOverrides, Config, ConfigError, DEFAULTS, DatabaseUrl, place};

/// A setting as it is.
#[derive(Debug)]
pub struct Setting {
    /// Its section.
    pub section: String,
    /// Its name there.
    pub key: String,
    /// Its value as in TOML; where it is a secret, not the secret.
    pub value: String,
    /// Where it was set.
    pub origin: String,
}

impl Config {
    /// Every setting, in the order of the defaults.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn settings(flags: &CliOverrides) -> Result<Vec<Setting>, ConfigError> {
        let (defaults, layers) = Self::layers(flags)?;
        Self::from_layers(&defaults, &layers)?;
        let figment = layers.iter().fold(Figment::from(&defaults), Figment::merge);
        let of = |(section, key): (String, String)| {
            let name = format!("{section}.{key}");
            let value = figment.find_value(&name).ok();
            let origin = place(figment.find_metadata(&name), &[&section, &key]);
            Setting { value: value.map_or_else(String::new, |value| shown(&name, &value)), section, key, origin }
        };
        Ok(entries().into_iter().map(|entry| of((entry.section, entry.key))).collect())
    }

    /// The page of all settings, in Markdown: what the defaults say of them, and what the code allows.
    ///
    /// # Errors
    /// Where the defaults themselves are wrong.
    pub fn reference() -> Result<String, ConfigError> {
        let defaults = Layer::defaults(DEFAULTS)?;
        let mut page = "# Configuration\n\n\
            Every setting, with its default. This page is made from the code by `cargo xtask openapi`.\n\n\
            A setting is taken from the first of these that has it: a flag; an environment variable, \
            `CONFAB__SECTION__KEY`; the file after `--config`, else `confab.toml` if there is one; the default. A setting \
            that does not exist, or a value that is not allowed, stops the start and is named. `confab config print \
            --origin` shows what holds and where it was set; `confab check --deploy` whether it is safe.\n"
            .to_owned();
        let mut section = String::new();
        let mut told = String::new();
        for entry in entries() {
            if entry.section != section {
                let _ = write!(page, "\n## [{}]\n", entry.section);
                section.clone_from(&entry.section);
            }
            if !entry.text.is_empty() {
                told.clone_from(&entry.text);
                let _ = write!(page, "\n{}\n\n", entry.text);
            }
            let variable = format!("CONFAB__{}__{}", entry.section, entry.key).to_uppercase();
            let _ = write!(page, "* `{} = {}` · `{variable}`", entry.key, entry.default);
            if let Some(allowed) = allowed(&defaults, &entry) {
                let _ = write!(page, " · {allowed}");
            }
            page += "\n";
        }
        Ok(page)
    }
}

/// What the code allows for a setting: what it says to a value that is none.
fn allowed(defaults: &Layer, entry: &Entry) -> Option<String> {
    let wrong = if entry.default.starts_with('"') { "\u{7f}" } else { "{}" };
    let variable = format!("CONFAB__{}__{}", entry.section, entry.key).to_uppercase();
    let layer = Layer::environment([(variable.into(), wrong.into())].into_iter(), defaults).ok()?;
    let refusal = Config::from_layers(defaults, &[layer]).err()?.to_string();
    let (_, rule) = refusal.split_once(" must ")?;
    let rule = rule.split(", but ").next().unwrap_or(rule).split(": ").next()?;
    Some(format!("must {rule}"))
}

/// A setting as the defaults tell of it.
struct Entry {
    section: String,
    key: String,
    default: String,
    /// Empty where the one before it speaks for it too.
    text: String,
}

fn entries() -> Vec<Entry> {
    let (mut entries, mut section, mut text) = (Vec::new(), String::new(), Vec::new());
    for line in DEFAULTS.lines() {
        if let Some(comment) = line.strip_prefix('#') {
            text.push(comment.strip_prefix(' ').unwrap_or(comment));
        } else if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
            text.clear();
        } else if let Some((key, default)) = line.split_once(" = ") {
            let text = paragraphs(&std::mem::take(&mut text));
            entries.push(Entry { section: section.clone(), key: key.to_owned(), default: default.to_owned(), text });
        } else {
            text.clear();
        }
    }
    entries
}

/// Comments as paragraphs; lines that are set in, as they stand.
fn paragraphs(lines: &[&str]) -> String {
    let mut text = String::new();
    let mut was_set_in = false;
    for line in lines {
        let set_in = line.starts_with("  ");
        if set_in != was_set_in && !text.is_empty() {
            text += "\n";
        }
        if !text.is_empty() {
            text += "\n";
        }
        text += &if set_in { format!("  {line}") } else { (*line).to_owned() };
        was_set_in = set_in;
    }
    text
}

fn shown(name: &str, value: &Value) -> String {
    match value {
        Value::String(_, text) if name == "database.url" => {
            let url = if text == "memory:" { DatabaseUrl::Memory } else { DatabaseUrl::Url(text.clone()) };
            format!("{:?}", url.to_string())
        }
        Value::String(_, text) if name.ends_with("password") && !text.is_empty() => "\"(hidden)\"".to_owned(),
        Value::String(_, text) => format!("{text:?}"),
        Value::Bool(_, value) => value.to_string(),
        Value::Array(_, items) => {
            format!("[{}]", items.iter().map(|item| shown("", item)).collect::<Vec<_>>().join(", "))
        }
        other => other.to_i128().map_or_else(String::new, |number| number.to_string()),
    }
}
