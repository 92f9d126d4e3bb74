//! A list of conversations.

use confab_application::Viewer;
use sea_orm::prelude::Uuid;
use sea_orm::sqlx::{self, ColumnIndex, Database, Decode, PgPool, Row, SqlitePool, Type};

use super::json::Json;
use crate::Result;

/// The conversations of a page.
const PAGE: usize = 20;
/// The conversations, one more than a page, each with the viewer's place in it, its newest message, and the other one of a
/// direct conversation.
macro_rules! list {
    ($viewer:literal) => {
        concat!(
            "WITH page AS (\
               SELECT c.*, me.last_read_seq FROM participants AS me JOIN conversations AS c ON c.id = me.conversation_id \
               WHERE me.user_id = ",
            $viewer,
            " ORDER BY c.last_activity_at DESC, c.id DESC LIMIT 21\
             ) \
             SELECT page.id, page.direct_low, page.title, page.creator_id, page.created_at, page.last_activity_at, \
             page.last_seq, page.version, page.last_read_seq, page.participant_count, m.id, m.seq, m.body, \
             m.client_message_id, m.sent_at, s.id, s.first_name, s.last_name, o.id, o.first_name, o.last_name FROM page \
             LEFT JOIN messages AS m ON m.conversation_id = page.id AND m.seq = page.last_seq \
             LEFT JOIN users AS s ON s.id = m.sender_id \
             LEFT JOIN users AS o ON o.id = CASE page.direct_low WHEN ",
            $viewer,
            " THEN page.direct_high ELSE page.direct_low END \
             ORDER BY page.last_activity_at DESC, page.id DESC"
        )
    };
}

/// From PostgreSQL.
pub(super) async fn postgres(pool: &PgPool, viewer: &Viewer) -> Result<Vec<u8>> {
    page(&sqlx::query(list!("$1")).bind(viewer.user.id.as_uuid()).fetch_all(pool).await?)
}

/// From SQLite.
pub(super) async fn sqlite(pool: &SqlitePool, viewer: &Viewer) -> Result<Vec<u8>> {
    page(&sqlx::query(list!("?1")).bind(viewer.user.id.as_uuid()).fetch_all(pool).await?)
}

fn page<R: Row>(rows: &[R]) -> Result<Vec<u8>>
where
    usize: ColumnIndex<R>,
    for<'r> &'r str: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Uuid: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
    R::Database: Database,
{
    let mut json = Json::page();
    let mut last = None;
    for (place, row) in rows.iter().take(PAGE).enumerate() {
        let (id, activity): (Uuid, i64) = (row.try_get(0)?, row.try_get(5)?);
        last = Some(format!("ca{activity}:{id}"));
        let is_direct = row.try_get::<Option<Uuid>, _>(1)?.is_some();
        let (last_seq, read): (i64, i64) = (row.try_get(6)?, row.try_get(8)?);
        json.comma(place == 0);
        json.raw(r#"{"id":"#);
        json.quoted(id);
        json.raw(r#","kind":"#);
        json.quoted(if is_direct { "direct" } else { "group" });
        json.raw(r#","title":"#);
        json.optional(row.try_get(2)?);
        json.raw(r#","creator_id":"#);
        json.quoted(row.try_get::<Uuid, _>(3)?);
        json.raw(r#","created_at":"#);
        json.time(row.try_get(4)?);
        json.raw(r#","last_activity_at":"#);
        json.time(activity);
        json.raw(r#","last_seq":"#);
        json.plain(last_seq);
        json.raw(r#","version":"#);
        json.plain(row.try_get::<i64, _>(7)?);
        json.raw(r#","unread_count":"#);
        json.plain(last_seq - read);
        json.raw(r#","unread_capped":false"#);
        json.raw(r#","participant_count":"#);
        json.plain(row.try_get::<i64, _>(9)?);
        json.raw(r#","peer":"#);
        match row.try_get::<Option<Uuid>, _>(18)? {
            None => json.raw("null"),
            Some(peer) => json.user(peer, row.try_get(19)?, row.try_get(20)?),
        }
        json.raw(r#","last_message":"#);
        match row.try_get::<Option<Uuid>, _>(10)? {
            None => json.raw("null"),
            Some(message) => {
                json.raw(r#"{"id":"#);
                json.quoted(message);
                json.raw(r#","conversation_id":"#);
                json.quoted(id);
                json.raw(r#","seq":"#);
                json.plain(row.try_get::<i64, _>(11)?);
                json.raw(r#","body":"#);
                json.text(row.try_get(12)?);
                json.raw(r#","sender":"#);
                json.user(row.try_get(15)?, row.try_get(16)?, row.try_get(17)?);
                json.raw(r#","client_message_id":"#);
                json.optional(row.try_get(13)?);
                json.raw(r#","sent_at":"#);
                json.time(row.try_get(14)?);
                json.raw("}");
            }
        }
        json.raw("}");
    }
    Ok(json.end(last.filter(|_| rows.len() > PAGE)))
}
