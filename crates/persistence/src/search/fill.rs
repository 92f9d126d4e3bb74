//! Brings messages into the index that were there before it.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement, prelude::Uuid};
use serde::Serialize;

use crate::entities::message::search_tokens;

/// So many at a time.
const BATCH: usize = 1000;

const POSTGRES_UNINDEXED: &str =
    "SELECT id, body FROM messages WHERE search_tokens IS NULL AND id > $1 ORDER BY id LIMIT 1000";

const SQLITE_UNINDEXED: &str =
    "SELECT id, body FROM messages WHERE search_tokens IS NULL AND id > ? ORDER BY id LIMIT 1000";

const POSTGRES: &str = "UPDATE messages AS m SET search_tokens = i.tokens \
    FROM json_to_recordset($1::json) AS i(id uuid, tokens text) WHERE m.id = i.id";

const SQLITE: &str = "UPDATE messages SET search_tokens = i.value ->> 'tokens' \
    FROM json_each(?) AS i WHERE messages.id = unhex(i.value ->> 'id', '-')";

#[derive(Serialize)]
struct Row {
    id: String,
    tokens: String,
}

/// Gives every message its tokens that has none yet, in the order of their ids.
pub(crate) async fn fill(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    let backend = transaction.get_database_backend();
    let (unindexed, update) = match backend {
        DbBackend::Postgres => (POSTGRES_UNINDEXED, POSTGRES),
        _ => (SQLITE_UNINDEXED, SQLITE),
    };
    let mut last = Uuid::nil();
    loop {
        let mut rows = Vec::new();
        let after = Statement::from_sql_and_values(backend, unindexed, [last.into()]);
        for row in transaction.query_all_raw(after).await? {
            last = row.try_get_by_index(0)?;
            let body: String = row.try_get_by_index(1)?;
            rows.push(Row { id: last.to_string(), tokens: search_tokens(&body) });
        }
        if !rows.is_empty() {
            let json = serde_json::to_string(&rows).map_err(|error| DbErr::Custom(error.to_string()))?;
            transaction.execute_raw(Statement::from_sql_and_values(backend, update, [json.into()])).await?;
        }
        if rows.len() < BATCH {
            return Ok(());
        }
    }
}
