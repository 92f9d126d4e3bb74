//! The row that something is read from, for the report when it should not exist.

use confab_domain::{Inconsistent, Seq, Timestamp, ValueError, Version};
use sea_orm::prelude::Uuid;

use crate::error::Failure;

/// A row, by its table and its primary key.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    table: &'static str,
    id: Uuid,
    second: Option<Second>,
}

/// The second part of a primary key.
#[derive(Clone, Copy)]
enum Second {
    Id(Uuid),
    Version(i64),
}

impl Row {
    /// A row with an id.
    pub(crate) const fn new(table: &'static str, id: Uuid) -> Self {
        Self { table, id, second: None }
    }

    /// A row with a primary key of two ids.
    pub(crate) const fn of_two(table: &'static str, id: Uuid, second: Uuid) -> Self {
        Self { table, id, second: Some(Second::Id(second)) }
    }

    /// A row with a primary key of an id and a version.
    pub(crate) const fn of_version(table: &'static str, id: Uuid, version: i64) -> Self {
        Self { table, id, second: Some(Second::Version(version)) }
    }

    /// A column's value, or the row is corrupt.
    pub(crate) fn value<T>(self, column: &'static str, value: Result<T, ValueError>) -> Result<T, Failure> {
        value.map_err(|error| self.corrupt(Inconsistent { field: column, reason: error.code() }))
    }

    /// A point in time.
    pub(crate) fn time(self, column: &'static str, micros: i64) -> Result<Timestamp, Failure> {
        let out_of_range = Inconsistent { field: column, reason: "out_of_range" };
        Timestamp::from_micros(micros).ok_or_else(|| self.corrupt(out_of_range))
    }

    /// A message's place.
    pub(crate) fn seq(self, column: &'static str, number: i64) -> Result<Seq, Failure> {
        self.value(column, Seq::parse(number))
    }

    /// A conversation's version.
    pub(crate) fn version(self, column: &'static str, number: i64) -> Result<Version, Failure> {
        self.value(column, Version::parse(number))
    }

    /// How many there are of something.
    pub(crate) fn count(self, column: &'static str, number: i64) -> Result<u64, Failure> {
        let out_of_range = Inconsistent { field: column, reason: "out_of_range" };
        u64::try_from(number).map_err(|_| self.corrupt(out_of_range))
    }

    /// What the columns make together, or the row is corrupt.
    pub(crate) fn whole<T>(self, entity: Result<T, Inconsistent>) -> Result<T, Failure> {
        entity.map_err(|reason| self.corrupt(reason))
    }

    /// The report.
    pub(crate) fn corrupt(self, reason: Inconsistent) -> Failure {
        let id = match self.second {
            Some(Second::Id(second)) => format!("{}/{second}", self.id),
            Some(Second::Version(version)) => format!("{}/{version}", self.id),
            None => self.id.to_string(),
        };
        Failure::Corrupt { table: self.table, id, reason }
    }
}
