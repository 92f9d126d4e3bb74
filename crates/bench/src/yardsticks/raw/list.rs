//! A list of conversations.

use confab_application::Viewer;
use confab_domain::{
    Conversation, ConversationId, DirectPair, Membership, Operation, Policy, Relation, UserId, allowed_actions,
};
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
               SELECT c.*, me.last_read_seq, me.membership, me.muted_until, me.archived, me.pinned FROM participants AS me JOIN conversations AS c ON c.id = me.conversation_id \
               WHERE me.user_id = ",
            $viewer,
            " ORDER BY c.last_activity_at DESC, c.id DESC LIMIT 21\
             ) \
             SELECT page.id, page.direct_low, page.title, page.creator_id, page.created_at, page.last_activity_at, \
             page.last_seq, page.version, page.last_read_seq, page.participant_count, m.id, m.seq, m.body, \
             m.client_message_id, m.sent_at, s.id, s.first_name, s.last_name, o.id, o.first_name, o.last_name, \
             page.membership, page.muted_until, page.archived, page.pinned, page.announcement, page.history_from_start, \
             page.closed_at, page.changed_at, m.version FROM page \
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
    page(&sqlx::query(list!("$1")).bind(viewer.user.id.as_uuid()).fetch_all(pool).await?, viewer)
}

/// From SQLite.
pub(super) async fn sqlite(pool: &SqlitePool, viewer: &Viewer) -> Result<Vec<u8>> {
    page(&sqlx::query(list!("?1")).bind(viewer.user.id.as_uuid()).fetch_all(pool).await?, viewer)
}

fn page<R: Row>(rows: &[R], viewer: &Viewer) -> Result<Vec<u8>>
where
    usize: ColumnIndex<R>,
    for<'r> &'r str: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Uuid: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> i64: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> bool: Decode<'r, R::Database> + Type<R::Database>,
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
        json.raw(r#","unread_capped":false,"membership":"#);
        let membership: &str = row.try_get(21)?;
        json.quoted(membership);
        json.raw(r#","allowed_actions":"#);
        json.raw(&actions(viewer, is_direct, Membership::parse(membership)?));
        json.raw(r#","announcement":"#);
        json.plain(row.try_get::<bool, _>(25)?);
        json.raw(r#","history":"#);
        json.quoted(if row.try_get::<bool, _>(26)? { "from_start" } else { "from_joining" });
        json.raw(r#","closed_at":"#);
        json.optional_time(row.try_get(27)?);
        json.raw(r#","updated_at":"#);
        json.time(activity.max(row.try_get(28)?));
        json.raw(r#","preferences":{"muted_until":"#);
        json.optional_time(row.try_get(22)?);
        json.raw(r#","archived":"#);
        json.plain(row.try_get::<bool, _>(23)?);
        json.raw(r#","pinned":"#);
        json.plain(row.try_get::<bool, _>(24)?);
        json.raw("}");
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
                json.raw(r#","version":"#);
                json.plain(row.try_get::<i64, _>(29)?);
                json.raw(r#","kind":"text","body":"#);
                json.text(row.try_get(12)?);
                json.raw(r#","payload":null,"mentions":[],"system":null,"reply_to":null,"reactions":[],"sender":"#);
                json.user(row.try_get(15)?, row.try_get(16)?, row.try_get(17)?);
                json.raw(r#","client_message_id":"#);
                json.optional(row.try_get(13)?);
                json.raw(r#","sent_at":"#);
                json.time(row.try_get(14)?);
                json.raw(r#","edited_at":null,"deleted_at":null}"#);
            }
        }
        json.raw("}");
    }
    Ok(json.end(last.filter(|_| rows.len() > PAGE)))
}

/// What the viewer may do with an open group without announcements, or a direct conversation, as there are in the fill.
fn actions(viewer: &Viewer, is_direct: bool, membership: Membership) -> String {
    let (user, now) = (viewer.user.id, viewer.user.created_at);
    let id = ConversationId::from(Uuid::nil());
    let pair = DirectPair::new(user, UserId::from(Uuid::nil())).filter(|_| is_direct);
    let conversation = match pair {
        Some(pair) => Conversation::start_direct(id, user, pair, now),
        None => Conversation::create_group(id, user, None, 2, now),
    };
    let relation = Relation::of(Some((&conversation, membership)));
    let allowed = allowed_actions(&conversation, viewer.user.role, relation, Policy::default());
    let names: Vec<&str> = allowed.into_iter().map(Operation::as_str).collect();
    format!("[\"{}\"]", names.join("\",\""))
}
