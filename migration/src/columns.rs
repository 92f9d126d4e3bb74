//! The kinds of columns that the tables are made of, as each database spells them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// A new table. On SQLite it is a strict one, which refuses a value of another type as PostgreSQL does.
pub(crate) fn table(manager: &SchemaManager<'_>, name: &'static str) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    if manager.get_database_backend() == DbBackend::Sqlite {
        table.extra("STRICT");
    }
    table
}

/// A UUID: of its own type on PostgreSQL, its 16 bytes on SQLite. Both sort it by its bytes.
pub(crate) fn id(manager: &SchemaManager<'_>, name: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    match manager.get_database_backend() {
        DbBackend::Postgres => column.uuid(),
        _ => column.blob(),
    };
    column.not_null().take()
}

/// A text.
pub(crate) fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

/// Some bytes.
pub(crate) fn bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().not_null().take()
}

/// A whole number of 64 bits.
pub(crate) fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

/// A point in time: microseconds after 1970-01-01T00:00:00Z, so that both databases keep and order it alike.
pub(crate) fn time(name: &'static str) -> ColumnDef {
    number(name)
}

/// Yes or no.
pub(crate) fn flag(manager: &SchemaManager<'_>, name: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    match manager.get_database_backend() {
        DbBackend::Postgres => column.boolean(),
        _ => column.integer(),
    };
    column.not_null().take()
}

/// The same column, where it may be empty.
pub(crate) fn optional(mut column: ColumnDef) -> ColumnDef {
    column.null().take()
}

/// A reference to a row's id. Whatever is referred to cannot be deleted: nobody's history goes with somebody else.
pub(crate) fn reference(from: &'static str, table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from_col(from)
        .to(table, "id")
        .on_delete(ForeignKeyAction::Restrict)
        .on_update(ForeignKeyAction::Restrict)
        .take()
}

/// A unique constraint under the name that errors tell it by.
pub(crate) fn unique(name: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).unique();
    for column in columns {
        index.col(*column);
    }
    index
}
