//! Reading many rows cheaply.
//!
//! What is selected is read by position: looking up each value's column by its name costs more than the value. SQLite
//! sends the rows as one JSON text, for each row that the driver sends has to cross from SQLite's thread to ours.
//! PostgreSQL sends them as rows: it would take longer to write JSON (ADR 13).

use std::fmt;
use std::vec::IntoIter;

use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::sqlx::Row as _;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, IdenStatic, QueryResult, Statement, TryGetable, prelude::Uuid};
use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::error::Failure;

/// What is in a column; each may be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A UUID.
    Id,
    /// An integer of 64 bits.
    Integer,
    /// A text.
    Text,
    /// Whether something holds.
    Flag,
}

/// What is made of some columns of a table.
pub(crate) trait Record: Sized {
    /// A table's column.
    type Column: IdenStatic;

    /// The columns, in the order in which they are read.
    const COLUMNS: &'static [(Self::Column, Kind)];

    /// Takes their values.
    fn read(values: &mut Values<'_>) -> Result<Self, DbErr>;
}

/// A statement that reads records.
pub(crate) struct Reading {
    query: SelectStatement,
    kinds: Vec<Kind>,
    columns: Vec<(&'static str, &'static str)>,
}

/// What the rows of a statement refer to, read along with them: the records of a table whose ids stand in some columns.
struct Referred {
    table: &'static str,
    key: &'static str,
    values: String,
    places: Vec<usize>,
}

impl Reading {
    /// A statement that reads nothing yet.
    pub(crate) fn new() -> Self {
        Self { query: Query::select(), kinds: Vec::new(), columns: Vec::new() }
    }

    /// Reads a record of a table beside what is read already.
    pub(crate) fn of<R: Record>(mut self, table: &'static str) -> Self {
        for (column, kind) in R::COLUMNS {
            self.query.expr_as(Expr::col((table, *column)), name(self.kinds.len()));
            self.kinds.push(*kind);
            self.columns.push((table, column.as_str()));
        }
        self
    }

    /// Reads an integer beside what is read already.
    pub(crate) fn integer(mut self, expression: Expr) -> Self {
        self.query.expr_as(expression, name(self.kinds.len()));
        self.kinds.push(Kind::Integer);
        self.columns.push(("", ""));
        self
    }

    /// The statement, to be completed.
    pub(crate) const fn query(&mut self) -> &mut SelectStatement {
        &mut self.query
    }

    /// What is made of the rows that the statement finds, in its order.
    pub(crate) async fn fetch<T>(
        self,
        connection: &impl ConnectionTrait,
        restore: impl Fn(&mut Values<'_>) -> Result<T, Failure>,
    ) -> Result<Vec<T>, Failure> {
        if connection.get_database_backend() == DbBackend::Sqlite {
            let found = connection.query_one_raw(self.into_json(None)).await?;
            return records(found.as_ref(), 0, restore);
        }
        let rows = connection.query_all(&self.query).await?;
        rows.iter().map(|row| restore(&mut Values::of(row))).collect()
    }

    /// The same; and, on SQLite in the same statement, the records of another table to which these columns refer. Each errand
    /// to SQLite's thread costs about as much as what is done there. PostgreSQL is quicker with two statements, and the
    /// second is left to the caller.
    pub(crate) async fn fetch_with<T, R: Record>(
        self,
        connection: &impl ConnectionTrait,
        restore: impl Fn(&mut Values<'_>) -> Result<T, Failure>,
        (table, key): (&'static str, R::Column),
        columns: &[(&'static str, &'static str)],
    ) -> Result<(Vec<T>, Vec<R>), Failure> {
        if connection.get_database_backend() != DbBackend::Sqlite {
            return Ok((self.fetch(connection, restore).await?, Vec::new()));
        }
        let places = self.columns.iter().enumerate().filter(|(_, column)| columns.contains(column));
        let places = places.map(|(place, _)| place).collect();
        let values =
            R::COLUMNS.iter().map(|(column, kind)| kind.in_json(column.as_str())).collect::<Vec<_>>().join(", ");
        let referred = Referred { table, key: key.as_str(), values, places };
        let found = connection.query_one_raw(self.into_json(Some(&referred))).await?;
        let others = records(found.as_ref(), 1, |values| Ok(values.record::<R>()?))?;
        Ok((records(found.as_ref(), 0, restore)?, others))
    }

    /// The same rows as arrays in one text, and in another those that they refer to. The aggregate keeps the order of what it
    /// reads.
    fn into_json(self, referred: Option<&Referred>) -> Statement {
        let values = self.kinds.iter().enumerate().map(|(place, kind)| kind.in_json(&name(place)));
        let values = values.collect::<Vec<_>>().join(", ");
        let mut statement = DbBackend::Sqlite.build(&self.query);
        let page = &statement.sql;
        statement.sql = match referred {
            None => format!("SELECT group_concat(json_array({values}), char(10)) FROM ({page})"),
            Some(Referred { table, key, values: theirs, places }) => {
                let ids = places.iter().map(|place| format!("SELECT {} FROM page", name(*place)));
                let ids = ids.collect::<Vec<_>>().join(" UNION ");
                format!(
                    "WITH page AS MATERIALIZED ({page}) \
                     SELECT (SELECT group_concat(json_array({values}), char(10)) FROM page), \
                     (SELECT group_concat(json_array({theirs}), char(10)) FROM {table} WHERE {key} IN ({ids}))"
                )
            }
        };
        statement
    }
}

impl Kind {
    /// A value of this kind, as it is put into JSON.
    fn in_json(self, value: &str) -> String {
        match self {
            // JSON has no bytes. What is null has no digits.
            Self::Id => format!("nullif(hex({value}), '')"),
            Self::Integer | Self::Text | Self::Flag => value.to_owned(),
        }
    }
}

/// What is made of the arrays in a column of the only row.
fn records<T>(
    found: Option<&QueryResult>,
    column: usize,
    restore: impl Fn(&mut Values<'_>) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    // As it stands in the row: it may be some megabytes.
    let text = match found.and_then(QueryResult::try_as_sqlite_row) {
        Some(row) => row.try_get::<Option<&str>, _>(column).map_err(|error| unfit(&error.to_string()))?,
        None => None,
    };
    let rows = serde_json::Deserializer::from_str(text.unwrap_or_default()).into_iter::<Vec<Cell<'_>>>();
    let row = |row: serde_json::Result<Vec<Cell<'_>>>| {
        let row = row.map_err(|error| unfit(&error.to_string()))?;
        restore(&mut Values(Source::Json(row.into_iter())))
    };
    rows.map(row).collect()
}

/// What a column is called, by its place.
fn name(place: usize) -> String {
    format!("c{place}")
}

/// A row, whose values are taken one after the other.
pub(crate) struct Values<'a>(Source<'a>);

enum Source<'a> {
    Row { row: &'a QueryResult, next: usize },
    Json(IntoIter<Cell<'a>>),
}

impl<'a> Values<'a> {
    /// The values of a row that another statement has found.
    pub(crate) const fn of(row: &'a QueryResult) -> Self {
        Self(Source::Row { row, next: 0 })
    }

    /// The next record.
    pub(crate) fn record<R: Record>(&mut self) -> Result<R, DbErr> {
        R::read(self)
    }

    /// The next record of an outer join, if there is one: if the first of its columns, an id, is not null.
    pub(crate) fn optional_record<R: Record>(&mut self) -> Result<Option<R>, DbErr> {
        let is_there = match &self.0 {
            Source::Row { row, next } => row.try_get_by_index::<Option<Uuid>>(*next)?.is_some(),
            Source::Json(cells) => cells.as_slice().first().is_some_and(|cell| !matches!(cell, Cell::Null)),
        };
        if is_there {
            return R::read(self).map(Some);
        }
        match &mut self.0 {
            Source::Row { next, .. } => *next += R::COLUMNS.len(),
            Source::Json(cells) => cells.by_ref().take(R::COLUMNS.len()).for_each(drop),
        }
        Ok(None)
    }

    /// A UUID.
    pub(crate) fn id(&mut self) -> Result<Uuid, DbErr> {
        self.optional_id()?.ok_or_else(|| unfit("an id is null"))
    }

    /// A UUID, or null.
    pub(crate) fn optional_id(&mut self) -> Result<Option<Uuid>, DbErr> {
        self.next(|cell| match cell {
            Cell::Text(text) => Uuid::try_parse(text).ok(),
            Cell::Null | Cell::Integer(_) | Cell::Escaped(_) => None,
        })
    }

    /// An integer.
    pub(crate) fn integer(&mut self) -> Result<i64, DbErr> {
        self.optional_integer()?.ok_or_else(|| unfit("an integer is null"))
    }

    /// An integer, or null.
    pub(crate) fn optional_integer(&mut self) -> Result<Option<i64>, DbErr> {
        self.next(|cell| match cell {
            Cell::Integer(integer) => Some(*integer),
            Cell::Null | Cell::Text(_) | Cell::Escaped(_) => None,
        })
    }

    /// Whether something holds.
    pub(crate) fn flag(&mut self) -> Result<bool, DbErr> {
        let flag = self.next(|cell| match cell {
            Cell::Integer(integer) => Some(*integer != 0),
            Cell::Null | Cell::Text(_) | Cell::Escaped(_) => None,
        });
        flag?.ok_or_else(|| unfit("a flag is null"))
    }

    /// A text.
    pub(crate) fn text(&mut self) -> Result<String, DbErr> {
        self.optional_text()?.ok_or_else(|| unfit("a text is null"))
    }

    /// A text, or null.
    pub(crate) fn optional_text(&mut self) -> Result<Option<String>, DbErr> {
        self.next(|cell| match cell {
            Cell::Text(text) => Some((*text).to_owned()),
            Cell::Escaped(text) => Some(std::mem::take(text)),
            Cell::Null | Cell::Integer(_) => None,
        })
    }

    fn next<T: TryGetable>(&mut self, of_cell: impl Fn(&mut Cell<'_>) -> Option<T>) -> Result<Option<T>, DbErr> {
        match &mut self.0 {
            Source::Row { row, next } => {
                let value = row.try_get_by_index(*next);
                *next += 1;
                value
            }
            Source::Json(cells) => match cells.next() {
                Some(Cell::Null) => Ok(None),
                Some(mut cell) => of_cell(&mut cell).map(Some).ok_or_else(|| unfit("a value is of another type")),
                None => Err(unfit("a row is too short")),
            },
        }
    }
}

fn unfit(reason: &str) -> DbErr {
    DbErr::Type(reason.to_owned())
}

/// A value in JSON.
enum Cell<'a> {
    Null,
    Integer(i64),
    /// A text as it stands there.
    Text(&'a str),
    /// A text with escapes in it.
    Escaped(String),
}

impl<'de> Deserialize<'de> for Cell<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CellVisitor)
    }
}

struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("null, an integer or a text")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Cell<'de>, E> {
        Ok(Cell::Null)
    }

    fn visit_i64<E: de::Error>(self, integer: i64) -> Result<Cell<'de>, E> {
        Ok(Cell::Integer(integer))
    }

    fn visit_u64<E: de::Error>(self, integer: u64) -> Result<Cell<'de>, E> {
        i64::try_from(integer).map(Cell::Integer).map_err(E::custom)
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(text))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Cell<'de>, E> {
        Ok(Cell::Escaped(text.to_owned()))
    }
}
