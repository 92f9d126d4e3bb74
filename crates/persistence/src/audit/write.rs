//! Writes the audit.

use async_trait::async_trait;
use confab_application::ports::{AuditRepository, StoreError};
use confab_domain::{AuditEntry, Inconsistent, Timestamp, UserId};
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbErr, EntityTrait, Statement, Value};

use crate::connection::Connection;
use crate::entities::audit_event;
use crate::error::Failure;

const COUNT: &str = "INSERT INTO failed_log_ins (account_id, minute, in_minute, in_all) VALUES ($1, $2, 1, 1) \
ON CONFLICT (account_id) DO UPDATE SET minute = excluded.minute, in_all = failed_log_ins.in_all + 1, \
in_minute = CASE WHEN failed_log_ins.minute = excluded.minute THEN failed_log_ins.in_minute + 1 ELSE 1 END \
RETURNING in_minute";

/// The address of somebody else who did something to the account is theirs.
const FORGET: &str = "UPDATE audit_events SET address = NULL, user_agent = NULL \
WHERE (actor_id = $1 OR (subject_id = $1 AND actor_id IS NULL)) AND (address IS NOT NULL OR user_agent IS NOT NULL)";

const TAKE: &str = "DELETE FROM failed_log_ins WHERE account_id = $1 RETURNING in_all";

#[async_trait]
impl AuditRepository for Connection<DatabaseTransaction> {
    async fn append(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.run(async {
            audit_event::Entity::insert(audit_event::new_row(entry)).exec_without_returning(self.raw()).await?;
            Ok(())
        })
        .await
    }

    async fn count_failed_log_in(&self, account: Option<UserId>, now: Timestamp) -> Result<u64, StoreError> {
        let account = account.map_or(Uuid::nil(), UserId::as_uuid);
        let minute = now.as_seconds().div_euclid(60);
        self.run(async {
            let counted = self.number(account, COUNT, [account.into(), minute.into()]).await?;
            counted.ok_or_else(|| DbErr::RecordNotFound("failed_log_ins".to_owned()).into())
        })
        .await
    }

    async fn forget_origins(&self, user: UserId) -> Result<(), StoreError> {
        self.run(async {
            let backend = self.raw().get_database_backend();
            let forget = Statement::from_sql_and_values(backend, FORGET, [user.as_uuid().into()]);
            self.raw().execute_raw(forget).await?;
            Ok(())
        })
        .await
    }

    async fn take_failed_log_ins(&self, account: UserId) -> Result<u64, StoreError> {
        let account = account.as_uuid();
        self.run(async { Ok(self.number(account, TAKE, [account.into()]).await?.unwrap_or_default()) }).await
    }
}

impl Connection<DatabaseTransaction> {
    /// The count that a statement returns.
    async fn number<const N: usize>(
        &self,
        account: Uuid,
        sql: &str,
        values: [Value; N],
    ) -> Result<Option<u64>, Failure> {
        let statement = Statement::from_sql_and_values(self.raw().get_database_backend(), sql, values);
        let Some(row) = self.raw().query_one_raw(statement).await? else { return Ok(None) };
        let number: i64 = row.try_get_by_index(0)?;
        let number = u64::try_from(number).map_err(|_| Failure::Corrupt {
            table: "failed_log_ins",
            id: account.to_string(),
            reason: Inconsistent { field: "in_all", reason: "out_of_range" },
        })?;
        Ok(Some(number))
    }
}
