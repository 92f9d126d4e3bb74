//! The inventory of what is kept of persons: each column of each table, and what becomes of it.
//!
//! A test holds it against the schema that the migrations make: a column that is not here, and one here that is no more,
//! fails it.

mod tables;

use std::fmt::Write as _;

pub use tables::TABLES;

/// A table.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What a row is, and whose.
    pub row: &'static str,
    /// Whether its rows are removed with the account of the person whose they are.
    pub goes: bool,
    /// Its columns.
    pub columns: &'static [Column],
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub class: Class,
    /// Whether it is emptied, or says the same for everyone, in a row that stays when the account is deleted.
    pub erased: bool,
    /// Where it is in the copy that its person can take.
    pub exported: Option<&'static str>,
}

impl Column {
    const fn erased(self) -> Self {
        Self { erased: true, ..self }
    }

    const fn at(self, exported: &'static str) -> Self {
        Self { exported: Some(exported), ..self }
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// What tells who a person is, or what they do and where.
    Personal,
    /// What a person has written, or has chosen for others to see.
    Content,
    /// What opens something, or would help to: a hash, a token.
    Secret,
    /// What tells nothing of a person.
    Technical,
}

impl Class {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Personal => "personal",
            Self::Content => "content",
            Self::Secret => "secret",
            Self::Technical => "technical",
        }
    }
}

const fn personal(name: &'static str) -> Column {
    Column { name, class: Class::Personal, erased: false, exported: None }
}

const fn content(name: &'static str) -> Column {
    Column { name, class: Class::Content, erased: false, exported: None }
}

const fn secret(name: &'static str) -> Column {
    Column { name, class: Class::Secret, erased: false, exported: None }
}

const fn technical(name: &'static str) -> Column {
    Column { name, class: Class::Technical, erased: false, exported: None }
}

/// The inventory as Markdown.
pub fn personal_data_markdown() -> String {
    let mut text = String::from(INTRODUCTION);
    for table in TABLES {
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\n## `{}`\n\n{}\n\n| column | class | after deletion | in the copy |\n|---|---|---|---|\n",
            table.name, table.row
        );
        for column in table.columns {
            let fate = match (table.goes, column.erased) {
                (true, _) => "gone",
                (false, true) => "erased",
                (false, false) => "stays",
            };
            let exported = column.exported.map_or_else(|| "–".to_owned(), |place| format!("`{place}`"));
            let _ = writeln!(text, "| `{}` | {} | {fate} | {exported} |", column.name, column.class.as_str());
        }
    }
    text
}

const INTRODUCTION: &str = "\
# What is kept of persons

Generated from `crates/persistence/src/inventory` by `cargo xtask openapi`. A test holds it against the schema that the
migrations make, on SQLite and on PostgreSQL: who adds a column says here what it holds.

*Personal* tells who somebody is, or what they do and where. *Content* is what somebody has written or chosen for others to
see. A *secret* opens something, or would help to; none is stored but as a hash. What is *technical* tells nothing of a
person.

*After deletion* is what becomes of the rows of a person who deletes the account: they are *gone*; or they stay, and what is
in the column is *erased*, or *stays*, for others have a part in it, or the server could not be answered for without it. Ids
stay: they tell who it was to nobody who does not know it already (ADR 23).

*In the copy* is where it is in what `GET /api/v1/users/me/export` gives its person; a test finds each of these there. Not in
it is what is a secret, what is the same in another column, and what is of others: a conversation is everyone's who takes part.
";
