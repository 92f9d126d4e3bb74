//! What is kept of persons is known: the inventory has each column that the database has, and no other.

use std::collections::BTreeSet;

use confab_persistence::TABLES;

use crate::support::Place;

pub async fn every_column_is_in_the_inventory(place: &impl Place) {
    let store = place.store().await;
    let is_sqlite = store.backend() == "sqlite";
    let kept: BTreeSet<(String, String)> = place.columns().await.into_iter().collect();
    let here = TABLES.iter().filter(|table| is_sqlite || !table.row.contains("On SQLite only"));
    let known =
        here.flat_map(|table| table.columns.iter().map(|column| (table.name.to_owned(), column.name.to_owned())));
    let known: BTreeSet<(String, String)> = known.collect();
    let unknown: Vec<_> = kept.difference(&known).collect();
    assert!(unknown.is_empty(), "classify these in crates/persistence/src/inventory: {unknown:?}");
    let gone: Vec<_> = known.difference(&kept).collect();
    assert!(gone.is_empty(), "these are in crates/persistence/src/inventory, and in no table: {gone:?}");

    // One more would be seen.
    let more = if is_sqlite { "INTEGER" } else { "BIGINT" };
    place.execute(&format!("ALTER TABLE users ADD COLUMN shoe_size {more}")).await;
    let seen: BTreeSet<_> = place.columns().await.into_iter().collect();
    let found: Vec<_> = seen.difference(&known).cloned().collect();
    assert_eq!(found, [("users".to_owned(), "shoe_size".to_owned())]);
}
