//! A history.

use confab_application::Viewer;
use confab_domain::ConversationId;
use sea_orm::prelude::Uuid;
use sea_orm::sqlx::{self, ColumnIndex, Database, Decode, PgPool, Row, SqlitePool, Type};

use super::json::Json;
use crate::Result;

/// The messages of a page.
const PAGE: usize = 50;

// One row more than a page: it tells whether there is a next one. A row without a message: the viewer is in the
// conversation, and there are none.

const POSTGRES: &str = "SELECT m.* FROM participants AS me LEFT JOIN LATERAL (\
       SELECT m.id, m.seq, m.body, m.client_message_id, m.sent_at, s.id AS sender_id, s.first_name, s.last_name, m.version \
       FROM messages AS m JOIN users AS s ON s.id = m.sender_id \
       WHERE m.conversation_id = me.conversation_id AND m.seq < $3 ORDER BY m.seq DESC LIMIT 51\
     ) AS m ON true WHERE me.conversation_id = $1 AND me.user_id = $2 ORDER BY m.seq DESC";

// SQLite has no LATERAL, and needs none: the page is of one conversation.
const SQLITE: &str = "SELECT m.* FROM participants AS me LEFT JOIN (\
       SELECT m.id, m.seq, m.body, m.client_message_id, m.sent_at, s.id AS sender_id, s.first_name, s.last_name, m.version \
       FROM messages AS m JOIN users AS s ON s.id = m.sender_id \
       WHERE m.conversation_id = ?1 AND m.seq < ?3 ORDER BY m.seq DESC LIMIT 51\
     ) AS m WHERE me.conversation_id = ?1 AND me.user_id = ?2 ORDER BY m.seq DESC";

/// From PostgreSQL.
pub(super) async fn postgres(
    pool: &PgPool,
    viewer: &Viewer,
    id: ConversationId,
    before: Option<i64>,
) -> Result<Option<Vec<u8>>> {
    let query = sqlx::query(POSTGRES).bind(id.as_uuid()).bind(viewer.user.id.as_uuid());
    page(&query.bind(before.unwrap_or(i64::MAX)).fetch_all(pool).await?, id)
}

/// From SQLite.
pub(super) async fn sqlite(
    pool: &SqlitePool,
    viewer: &Viewer,
    id: ConversationId,
    before: Option<i64>,
) -> Result<Option<Vec<u8>>> {
    let query = sqlx::query(SQLITE).bind(id.as_uuid()).bind(viewer.user.id.as_uuid());
    page(&query.bind(before.unwrap_or(i64::MAX)).fetch_all(pool).await?, id)
}

fn page<R: Row>(rows: &[R], id: ConversationId) -> Result<Option<Vec<u8>>>
where
    usize: ColumnIndex<R>,
    for<'r> &'r str: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Uuid: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
    R::Database: Database,
{
    let Some(first) = rows.first() else { return Ok(None) };
    let rows = if first.try_get::<Option<i64>, _>(1)?.is_some() { rows } else { &[] };
    let mut json = Json::page();
    let mut last = 0;
    for (place, row) in rows.iter().take(PAGE).enumerate() {
        last = row.try_get::<i64, _>(1)?;
        json.comma(place == 0);
        json.raw(r#"{"id":"#);
        json.quoted(row.try_get::<Uuid, _>(0)?);
        json.raw(r#","conversation_id":"#);
        json.quoted(id);
        json.raw(r#","seq":"#);
        json.plain(last);
        json.raw(r#","version":"#);
        json.plain(row.try_get::<i64, _>(8)?);
        json.raw(r#","kind":"text","body":"#);
        json.text(row.try_get(2)?);
        json.raw(r#","payload":null,"mentions":[],"system":null,"reply_to":null,"reactions":[],"sender":"#);
        json.user(row.try_get(5)?, row.try_get(6)?, row.try_get(7)?);
        json.raw(r#","client_message_id":"#);
        json.optional(row.try_get(3)?);
        json.raw(r#","sent_at":"#);
        json.time(row.try_get(4)?);
        json.raw(r#","edited_at":null,"deleted_at":null}"#);
    }
    Ok(Some(json.end((rows.len() > PAGE).then(|| format!("ma{last}")))))
}
