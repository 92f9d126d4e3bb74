//! Reading many rows cheaply.
//!
//! What is selected is read by position: looking up each value's column by its name costs more than the value. SQLite
//! sends the rows as one JSON text, for each row that the driver sends has to cross from SQLite's thread to ours.
//! PostgreSQL sends them as rows: it would take longer to write JSON (ADR 13).

use std::fmt;

use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::sqlx::Row as _;
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, IdenStatic, QueryResult, Statement, TryGetable, Value, prelude::Uuid,
};
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

/// What stands in an id's column, known without reading it.
#[derive(Clone, Copy)]
pub(crate) enum Known {
    /// This id.
    Is(Uuid),
    /// What stands in this column, which is read before.
    Same(&'static str, &'static str),
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy)]
enum Place {
    Selected(usize),
    Known(Uuid),
}

/// A statement that reads records.
pub(crate) struct Reading {
    query: SelectStatement,
    kinds: Vec<Kind>,
    columns: Vec<(&'static str, &'static str)>,
    /// The values, in the order in which they are taken.
    places: Vec<Place>,
    referred: Option<Referred>,
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
        Self { query: Query::select(), kinds: Vec::new(), columns: Vec::new(), places: Vec::new(), referred: None }
    }

    /// Reads a record of a table beside what is read already.
    pub(crate) fn of<R: Record>(self, table: &'static str) -> Self {
        self.of_known::<R>(table, &[])
    }

    /// The same, but for those of its ids that are known: a page takes the longer, the more values it has.
    pub(crate) fn of_known<R: Record>(mut self, table: &'static str, known: &[(&'static str, Known)]) -> Self {
        for (column, kind) in R::COLUMNS {
            let known = known.iter().find(|(known, _)| *known == column.as_str()).map(|(_, known)| *known);
            let place = match known {
                Some(Known::Is(id)) => Some(Place::Known(id)),
                Some(Known::Same(table, column)) => {
                    self.columns.iter().position(|read| *read == (table, column)).map(Place::Selected)
                }
                None => None,
            };
            match place {
                Some(place) => self.places.push(place),
                None => self.select(Expr::col((table, *column)), *kind, (table, column.as_str())),
            }
        }
        self
    }

    /// Reads an integer beside what is read already.
    pub(crate) fn integer(mut self, expression: Expr) -> Self {
        self.select(expression, Kind::Integer, ("", ""));
        self
    }

    fn select(&mut self, expression: Expr, kind: Kind, column: (&'static str, &'static str)) {
        self.query.expr_as(expression, name(self.kinds.len()));
        self.places.push(Place::Selected(self.kinds.len()));
        self.kinds.push(kind);
        self.columns.push(column);
    }

    /// The statement, to be completed.
    pub(crate) const fn query(&mut self) -> &mut SelectStatement {
        &mut self.query
    }

    /// Has SQLite read along the records of another table to which these columns refer: each errand to its thread costs about as
    /// much as what is done there. PostgreSQL is quicker with two statements, and the second is left to the caller.
    pub(crate) fn along<R: Record>(
        mut self,
        (table, key): (&'static str, R::Column),
        columns: &[(&'static str, &'static str)],
    ) -> Self {
        let places = self.columns.iter().enumerate().filter(|(_, column)| columns.contains(column));
        let places = places.map(|(place, _)| place).collect();
        let values = R::COLUMNS.iter().map(|(column, kind)| kind.in_json(column.as_str()));
        let values = values.collect::<Vec<_>>().join(", ");
        self.referred = Some(Referred { table, key: key.as_str(), values, places });
        self
    }

    /// What is made of the rows that the statement finds, in its order.
    pub(crate) async fn fetch<T>(
        self,
        connection: &impl ConnectionTrait,
        restore: impl Fn(&mut Values<'_>) -> Result<T, Failure>,
    ) -> Result<Vec<T>, Failure> {
        Ok(self.build(connection.get_database_backend()).fetch(connection, restore).await?.0)
    }

    /// The statement in the language of a database.
    pub(crate) fn build(self, backend: DbBackend) -> Built {
        let mut statement = backend.build(&self.query);
        if backend == DbBackend::Sqlite {
            statement.sql = self.as_json(&statement.sql);
        }
        Built { statement, places: self.places }
    }

    /// The same rows as arrays in one text, and in another those that they refer to. The aggregate keeps the order of what it
    /// reads.
    fn as_json(&self, page: &str) -> String {
        let values = self.kinds.iter().enumerate().map(|(place, kind)| kind.in_json(&name(place)));
        let values = values.collect::<Vec<_>>().join(", ");
        match &self.referred {
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
        }
    }
}

/// A statement that reads records, as a database is asked.
#[derive(Debug, Clone)]
pub(crate) struct Built {
    statement: Statement,
    places: Vec<Place>,
}

impl Built {
    /// What is made of the rows that it finds, in their order, and what came [along](Reading::along).
    pub(crate) async fn fetch<T>(
        self,
        connection: &impl ConnectionTrait,
        restore: impl Fn(&mut Values<'_>) -> Result<T, Failure>,
    ) -> Result<(Vec<T>, Along), Failure> {
        let Self { statement, places } = self;
        if connection.get_database_backend() == DbBackend::Sqlite {
            let found = connection.query_one_raw(statement).await?;
            return Ok((records(found.as_ref(), 0, Some(&places), restore)?, Along(found)));
        }
        let rows = connection.query_all_raw(statement).await?;
        let rows = rows.iter().map(|row| restore(&mut Values::new(Source::Row(row), Some(&places))));
        Ok((rows.collect::<Result<_, _>>()?, Along(None)))
    }

    /// The same statement with other values.
    pub(crate) fn with(&self, values: impl Fn(&mut Value), ids: impl Fn(&mut Uuid)) -> Self {
        let mut this = self.clone();
        this.statement.values.iter_mut().flat_map(|all| &mut all.0).for_each(values);
        for place in &mut this.places {
            if let Place::Known(id) = place {
                ids(id);
            }
        }
        this
    }
}

/// What came along with the rows of a statement.
pub(crate) struct Along(Option<QueryResult>);

impl Along {
    /// The records.
    pub(crate) fn records<R: Record>(&self) -> Result<Vec<R>, Failure> {
        match &self.0 {
            Some(found) => records(Some(found), 1, None, |values| Ok(values.record::<R>()?)),
            None => Ok(Vec::new()),
        }
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
    places: Option<&[Place]>,
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
        restore(&mut Values::new(Source::Json(row), places))
    };
    rows.map(row).collect()
}

/// What a column is called, by its place.
fn name(place: usize) -> String {
    format!("c{place}")
}

/// A row, whose values are taken one after the other.
pub(crate) struct Values<'a> {
    source: Source<'a>,
    /// Where they come from; without, from one column after the other.
    places: Option<&'a [Place]>,
    next: usize,
}

enum Source<'a> {
    Row(&'a QueryResult),
    Json(Vec<Cell<'a>>),
}

impl<'a> Values<'a> {
    /// The values of a row that another statement has found.
    pub(crate) const fn of(row: &'a QueryResult) -> Self {
        Self::new(Source::Row(row), None)
    }

    const fn new(source: Source<'a>, places: Option<&'a [Place]>) -> Self {
        Self { source, places, next: 0 }
    }

    /// The next record.
    pub(crate) fn record<R: Record>(&mut self) -> Result<R, DbErr> {
        R::read(self)
    }

    /// The next record of an outer join, if there is one: if the first of its columns, an id, is not null.
    pub(crate) fn optional_record<R: Record>(&mut self) -> Result<Option<R>, DbErr> {
        let first = self.next;
        if self.optional_id()?.is_some() {
            self.next = first;
            return R::read(self).map(Some);
        }
        self.next = first + R::COLUMNS.len();
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
            Cell::Id(id) => Some(*id),
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
            Cell::Null | Cell::Id(_) | Cell::Text(_) | Cell::Escaped(_) => None,
        })
    }

    /// Whether something holds.
    pub(crate) fn flag(&mut self) -> Result<bool, DbErr> {
        let flag = self.next(|cell| match cell {
            Cell::Integer(integer) => Some(*integer != 0),
            Cell::Null | Cell::Id(_) | Cell::Text(_) | Cell::Escaped(_) => None,
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
            Cell::Null | Cell::Id(_) | Cell::Integer(_) => None,
        })
    }

    fn next<T: TryGetable>(&mut self, of_cell: impl Fn(&mut Cell<'_>) -> Option<T>) -> Result<Option<T>, DbErr> {
        let place = match self.places {
            None => Place::Selected(self.next),
            Some(places) => *places.get(self.next).ok_or_else(|| unfit("a row is too short"))?,
        };
        self.next += 1;
        let mut known;
        let cell = match (place, &mut self.source) {
            (Place::Selected(column), Source::Row(row)) => return row.try_get_by_index(column),
            (Place::Selected(column), Source::Json(cells)) => {
                cells.get_mut(column).ok_or_else(|| unfit("a row is too short"))?
            }
            (Place::Known(id), _) => {
                known = Cell::Id(id);
                &mut known
            }
        };
        match cell {
            Cell::Null => Ok(None),
            cell => of_cell(cell).map(Some).ok_or_else(|| unfit("a value is of another type")),
        }
    }
}

fn unfit(reason: &str) -> DbErr {
    DbErr::Type(reason.to_owned())
}

/// A value in JSON, or one that is known.
enum Cell<'a> {
    Null,
    Id(Uuid),
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
