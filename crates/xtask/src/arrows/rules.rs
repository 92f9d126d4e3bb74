//! The table of what each crate may and may not depend on.

use std::collections::BTreeSet;

use super::tree::Tree;

/// Crates that may use whatever they like: nothing depends on them.
pub const FREE: [&str; 3] = ["xtask", "confab-bench", "confab-tests"];

const DATABASE: &[&str] = &["sea-orm*", "sqlx*"];
const WEB: &[&str] = &["actix*", "utoipa*"];
const ASYNC: &[&str] = &["tokio*", "futures*", "async-trait"];

/// The rules. A `*` at the end of a name stands for any ending.
pub const RULES: &[Rule] = &[
    Rule {
        package: "confab-domain",
        ours: &[],
        only: Some(&["chrono", "email_address", "emojis", "json-event-parser", "phonenumber", "thiserror", "uuid"]),
        not_directly: &["serde"], // phonenumber brings it
        never: &[ASYNC, DATABASE, WEB],
    },
    Rule {
        package: "confab-application",
        ours: &["confab-domain"],
        only: None,
        not_directly: &["serde"],
        never: &[&["tokio*"], DATABASE, WEB],
    },
    Rule {
        package: "confab-memory",
        ours: &["confab-application", "confab-domain"],
        only: None,
        not_directly: &[],
        never: &[DATABASE, WEB],
    },
    Rule {
        package: "confab-security",
        ours: &["confab-application", "confab-domain"],
        only: None,
        not_directly: &[],
        never: &[DATABASE, WEB],
    },
    Rule {
        package: "confab-mail",
        ours: &["confab-application", "confab-domain"],
        only: None,
        not_directly: &[],
        never: &[DATABASE, WEB],
    },
    Rule {
        package: "confab-persistence",
        ours: &["confab-application", "confab-domain", "confab-migration", "confab-sqlite-wal"],
        only: None,
        not_directly: &[],
        never: &[WEB],
    },
    Rule {
        package: "confab-sqlite-wal",
        ours: &[],
        only: Some(&["libsqlite3-sys", "thiserror"]),
        not_directly: &[],
        never: &[ASYNC, DATABASE, WEB],
    },
    Rule { package: "confab-migration", ours: &[], only: None, not_directly: &[], never: &[WEB] },
    Rule {
        package: "confab-store-contract",
        ours: &["confab-application", "confab-domain"],
        only: None,
        not_directly: &[],
        never: &[DATABASE, WEB],
    },
    Rule {
        package: "confab-test-postgres",
        ours: &[],
        only: Some(&["tempfile"]),
        not_directly: &[],
        never: &[ASYNC, DATABASE, WEB],
    },
    Rule {
        package: "confab-http",
        ours: &["confab-application", "confab-domain"],
        only: None,
        not_directly: &[],
        never: &[DATABASE],
    },
    Rule {
        package: "confab",
        ours: &[
            "confab-application",
            "confab-domain",
            "confab-http",
            "confab-mail",
            "confab-memory",
            "confab-migration",
            "confab-persistence",
            "confab-security",
            "confab-sqlite-wal",
        ],
        only: None,
        not_directly: &[],
        never: &[],
    },
];

/// What one crate may depend on; only normal dependencies count, not those of tests and of build scripts.
pub struct Rule {
    /// The crate.
    pub package: &'static str,
    /// The crates of this workspace that it may see, at any depth.
    pub ours: &'static [&'static str],
    /// The other crates that it may name itself; `None` where any will do that is not forbidden below.
    pub only: Option<&'static [&'static str]>,
    /// What it must not name itself, though a dependency may bring it.
    pub not_directly: &'static [&'static str],
    /// What it must not see at any depth.
    pub never: &'static [&'static [&'static str]],
}

impl Rule {
    /// One sentence for each dependency that is against this rule.
    pub fn violations(&self, tree: &Tree, members: &BTreeSet<String>) -> Vec<String> {
        let violations = tree.paths().iter().filter_map(|path| {
            let name = path.last()?;
            let reason = self.reason_against(name, path.len() == 2, members.contains(name))?;
            Some(format!("{} {reason} {name} ({})", self.package, path.join(" -> ")))
        });
        violations.collect()
    }

    fn reason_against(&self, name: &str, direct: bool, ours: bool) -> Option<&'static str> {
        if self.never.iter().copied().flatten().any(|pattern| matches(pattern, name)) {
            return Some("must never see");
        }
        if ours {
            return (!self.ours.contains(&name)).then_some("must not depend on");
        }
        let named_wrongly = self.not_directly.contains(&name) || self.only.is_some_and(|only| !only.contains(&name));
        (direct && named_wrongly).then_some("must not depend directly on")
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    }
}
