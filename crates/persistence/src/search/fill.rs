//! Brings messages into the index that were there before it.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement, prelude::Uuid};
use serde::Serialize;

use crate::entities::message::search_tokens;

/// So many at a time.
const BATCH: usize = 1000;

const UNINDEXED: &str = "SELECT conversation_id, seq, body FROM messages \
    WHERE search_tokens IS NULL AND (conversation_id, seq) > ($1, $2) ORDER BY conversation_id, seq LIMIT 1000";

const POSTGRES: &str = "UPDATE messages AS m SET search_tokens = i.tokens \
    FROM json_to_recordset($1::json) AS i(conversation_id uuid, seq bigint, tokens text) \
    WHERE m.conversation_id = i.conversation_id AND m.seq = i.seq";

const SQLITE: &str = "UPDATE messages SET search_tokens = i.value ->> 'tokens' FROM json_each(?) AS i \
    WHERE messages.conversation_id = unhex(i.value ->> 'conversation_id', '-') AND messages.seq = i.value ->> 'seq'";

#[derive(Serialize)]
struct Row {
    conversation_id: Uuid,
    seq: i64,
    tokens: String,
}

/// Gives every message its tokens that has none yet, in the order in which SQLite keeps them.
pub(crate) async fn fill(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    let backend = transaction.get_database_backend();
    let update = match backend {
        DbBackend::Postgres => POSTGRES,
        _ => SQLITE,
    };
    let mut last = (Uuid::nil(), 0_i64);
    loop {
        let mut rows = Vec::new();
        let after = Statement::from_sql_and_values(backend, UNINDEXED, [last.0.into(), last.1.into()]);
        for row in transaction.query_all_raw(after).await? {
            last = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let body: String = row.try_get_by_index(2)?;
            rows.push(Row { conversation_id: last.0, seq: last.1, tokens: search_tokens(&body) });
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
