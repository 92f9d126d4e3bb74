//! The schema of Confab's databases, one file per change.
//!
//! The same migrations run on SQLite and PostgreSQL. The names of the constraints are part of the contract of the
//! storage ports: adapters tell by them what a row clashes with.
//!
//! A migration that has been released is never edited; what it got wrong, the next one mends.

mod columns;
mod m20260101_000001_users;
mod m20260101_000002_sessions;
mod m20260101_000003_conversations;
mod m20260101_000004_participants;
mod m20260101_000005_messages;
mod m20261122_000101_audit;
mod m20261122_000102_session_devices;
mod m20261122_000201_mails;
mod m20261122_000401_events;
mod m20261122_000402_memberships;
mod m20261122_000501_message_content;
mod m20261122_000502_message_changes;
mod m20261122_000601_delivered;
mod m20261122_000602_search;
mod m20261123_000201_deletion;
mod m20261123_000202_own_data;
mod m20261123_000301_discoverable;
mod m20261123_001001_blocks;
mod m20261123_001002_blocked_conversations;
mod m20261123_001101_reports;
mod m20261123_001301_listings;
mod m20261123_001401_search_marks;
mod m20261123_001501_caught_up;
mod m20261129_000301_message_order;

use sea_orm_migration::prelude::*;

/// Applies and reverts the migrations.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260101_000001_users::Migration),
            Box::new(m20260101_000002_sessions::Migration),
            Box::new(m20260101_000003_conversations::Migration),
            Box::new(m20260101_000004_participants::Migration),
            Box::new(m20260101_000005_messages::Migration),
            Box::new(m20261122_000101_audit::Migration),
            Box::new(m20261122_000102_session_devices::Migration),
            Box::new(m20261122_000201_mails::Migration),
            Box::new(m20261122_000401_events::Migration),
            Box::new(m20261122_000402_memberships::Migration),
            Box::new(m20261122_000501_message_content::Migration),
            Box::new(m20261122_000502_message_changes::Migration),
            Box::new(m20261122_000601_delivered::Migration),
            Box::new(m20261122_000602_search::Migration),
            Box::new(m20261123_000201_deletion::Migration),
            Box::new(m20261123_000202_own_data::Migration),
            Box::new(m20261123_000301_discoverable::Migration),
            Box::new(m20261123_001001_blocks::Migration),
            Box::new(m20261123_001002_blocked_conversations::Migration),
            Box::new(m20261123_001101_reports::Migration),
            Box::new(m20261123_001301_listings::Migration),
            Box::new(m20261123_001401_search_marks::Migration),
            Box::new(m20261123_001501_caught_up::Migration),
            Box::new(m20261129_000301_message_order::Migration),
        ]
    }
}

pub use sea_orm_migration::{MigratorTrait, SchemaManager, seaql_migrations};
