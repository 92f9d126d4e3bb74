//! Brings messages into the index that were there before it.

use confab_domain::ConversationId;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement, prelude::Uuid};
use serde::Serialize;

use crate::entities::message::search_tokens;

/// So many at a time.
const BATCH: usize = 1000;

const UNINDEXED: &str = "SELECT id, conversation_id, body FROM messages WHERE search_tokens IS NULL LIMIT 1000";

const POSTGRES: &str = "UPDATE messages AS m SET search_tokens = i.tokens \
    FROM json_to_recordset($1::json) AS i(id uuid, tokens text) WHERE m.id = i.id";

const SQLITE: &str = "UPDATE messages SET search_tokens = i.value ->> 'tokens' \
    FROM json_each(?) AS i WHERE messages.id = unhex(i.value ->> 'id', '-')";

#[derive(Serialize)]
struct Row {
    id: String,
    tokens: String,
}

/// Gives every message its tokens that has none yet. Reads the table once for each batch: it is for a migration.
pub(crate) async fn fill(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    let backend = transaction.get_database_backend();
    loop {
        let mut rows = Vec::new();
        for row in transaction.query_all_raw(Statement::from_string(backend, UNINDEXED)).await? {
            let (id, conversation): (Uuid, Uuid) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let body: String = row.try_get_by_index(2)?;
            let tokens = search_tokens(ConversationId::from(conversation), &body);
            rows.push(Row { id: id.to_string(), tokens });
        }
        let rows_count = rows.len();
        if rows_count > 0 {
            let json = serde_json::to_string(&rows).map_err(|error| DbErr::Custom(error.to_string()))?;
            let sql = if backend == DbBackend::Postgres { POSTGRES } else { SQLITE };
            transaction.execute_raw(Statement::from_sql_and_values(backend, sql, [json.into()])).await?;
        }
        if rows_count < BATCH {
            return Ok(());
        }
    }
}
