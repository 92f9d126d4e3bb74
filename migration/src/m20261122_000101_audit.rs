//! The audit, which is only ever added to, and the number of log-ins that failed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::columns::{id, number, optional, reference, table, text, time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// One thing alone may be done to an entry: where it came from may be forgotten, when the account is deleted.
const SQLITE: &str = "\
CREATE TRIGGER audit_events_stay BEFORE UPDATE ON audit_events
WHEN NOT (
    NEW.id IS OLD.id AND NEW.at IS OLD.at AND NEW.kind IS OLD.kind AND NEW.actor_id IS OLD.actor_id
    AND NEW.subject_id IS OLD.subject_id AND NEW.session_id IS OLD.session_id AND NEW.request_id IS OLD.request_id
    AND NEW.\"before\" IS OLD.\"before\" AND NEW.\"after\" IS OLD.\"after\"
    AND NEW.address IS NULL AND NEW.user_agent IS NULL
)
BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END;
CREATE TRIGGER audit_events_remain BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END;";

const POSTGRES: &str = "\
CREATE FUNCTION audit_events_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit is only ever added to'; END $$;
CREATE TRIGGER audit_events_stay BEFORE UPDATE ON audit_events FOR EACH ROW
WHEN (NOT (
    ROW(NEW.id, NEW.at, NEW.kind, NEW.actor_id, NEW.subject_id, NEW.session_id, NEW.request_id, NEW.before, NEW.after)
    IS NOT DISTINCT FROM
    ROW(OLD.id, OLD.at, OLD.kind, OLD.actor_id, OLD.subject_id, OLD.session_id, OLD.request_id, OLD.before, OLD.after)
    AND NEW.address IS NULL AND NEW.user_agent IS NULL
))
EXECUTE FUNCTION audit_events_refuse();
CREATE TRIGGER audit_events_remain BEFORE DELETE OR TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse();";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let audit = table(manager, "audit_events")
            .col(id(manager, "id").primary_key())
            .col(time("at"))
            .col(text("kind"))
            .col(optional(id(manager, "actor_id")))
            .col(optional(id(manager, "subject_id")))
            .col(optional(id(manager, "session_id")))
            .col(optional(text("address")))
            .col(optional(text("user_agent")))
            .col(optional(text("request_id")))
            .col(optional(text("before")))
            .col(optional(text("after")))
            .foreign_key(&mut reference("actor_id", "users"))
            .foreign_key(&mut reference("subject_id", "users"))
            .take();
        manager.create_table(audit).await?;
        for (name, column) in [("audit_events_subject_idx", "subject_id"), ("audit_events_actor_idx", "actor_id")] {
            let index = Index::create().name(name).table("audit_events").col(column).col("id").take();
            manager.create_index(index).await?;
        }
        let triggers = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES,
            _ => SQLITE,
        };
        manager.get_connection().execute_unprepared(triggers).await?;
        // The account is 0 for all those that do not exist: no reference.
        let failed = table(manager, "failed_log_ins")
            .col(id(manager, "account_id").primary_key())
            .col(number("minute"))
            .col(number("in_minute"))
            .col(number("in_all"))
            .take();
        manager.create_table(failed).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("failed_log_ins").take()).await?;
        manager.drop_table(Table::drop().table("audit_events").take()).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared("DROP FUNCTION audit_events_refuse()").await?;
        }
        Ok(())
    }
}
