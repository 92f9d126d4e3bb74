//! Reads what was done to a message after it was sent.

use confab_application::ports::{Page, PageRequest, Position};
use confab_application::views::ReactionView;
use confab_domain::{ConversationId, Emoji, MessageId, Reaction, Revision, UserId, Version};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, SelectStatement};
use sea_orm::{ConnectionTrait, IdenStatic};

use super::view;
use crate::accounts::cards::Cards;
use crate::entities::{reaction, revision};
use crate::error::Failure;
use crate::reading::Reading;
use crate::select::is;

/// Whether the viewer sees the message, and it is one of this conversation.
async fn sees(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    conversation_id: ConversationId,
    id: MessageId,
) -> Result<bool, Failure> {
    let found = view::of_ids(connection, viewer, &[id]).await?;
    Ok(found.get(&id).is_some_and(|message| message.conversation_id == conversation_id))
}

/// Part of what a message said before its edits, where the viewer sees it.
pub(super) async fn revisions(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    conversation_id: ConversationId,
    id: MessageId,
    page: &PageRequest<Version>,
) -> Result<Option<Page<Revision>>, Failure> {
    if !sees(connection, viewer, conversation_id, id).await? {
        return Ok(None);
    }
    revisions_of(connection, id, None, page).await.map(Some)
}

/// Part of what a message said before its edits, perhaps only before a version, whoever asks.
pub(super) async fn revisions_of(
    connection: &impl ConnectionTrait,
    id: MessageId,
    before: Option<Version>,
    page: &PageRequest<Version>,
) -> Result<Page<Revision>, Failure> {
    let mut reading = Reading::new().of::<revision::Model>("r");
    reading
        .query()
        .from_as(revision::Entity, "r")
        .and_where(is(("r", revision::Column::MessageId), id.as_uuid()))
        .and_where_option(before.map(|before| Expr::col(("r", revision::Column::Version)).lt(before.as_i64())));
    newest_first(reading.query(), revision::Column::Version, page);
    let rows = reading.fetch(connection, |row| row.record::<revision::Model>()?.restore()).await?;
    Ok(Page::of_rows(rows, page))
}

/// Part of the reactions to a message, where the viewer sees it.
pub(super) async fn reactions(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    conversation_id: ConversationId,
    id: MessageId,
    emoji: Option<Emoji>,
    page: &PageRequest<Version>,
) -> Result<Option<Page<ReactionView>>, Failure> {
    if !sees(connection, viewer, conversation_id, id).await? {
        return Ok(None);
    }
    let mut reading = Reading::new().of::<reaction::Model>("r");
    reading
        .query()
        .from_as(reaction::Entity, "r")
        .and_where(is(("r", reaction::Column::MessageId), id.as_uuid()))
        .and_where_option(emoji.map(|emoji| Expr::col(("r", reaction::Column::Emoji)).eq(emoji.as_str())));
    newest_first(reading.query(), reaction::Column::Version, page);
    let rows = reading.fetch(connection, |row| row.record::<reaction::Model>()?.restore()).await?;
    let cards = Cards::read(connection, rows.iter().map(|reaction| reaction.user_id)).await?;
    let with_user = |reaction: Reaction| -> Result<_, Failure> {
        Ok(ReactionView { version: reaction.version, emoji: reaction.emoji, user: cards.of(reaction.user_id)? })
    };
    let rows = rows.into_iter().map(with_user).collect::<Result<_, _>>()?;
    Ok(Some(Page::of_rows(rows, page)))
}

/// One page of a list of versions.
fn newest_first(query: &mut SelectStatement, column: impl IdenStatic, page: &PageRequest<Version>) {
    let version = || Expr::col(("r", column));
    let (order, place) = match page.position {
        None => (Order::Desc, None),
        Some(Position::After(key)) => (Order::Desc, Some(version().lt(key.as_i64()))),
        Some(Position::Before(key)) => (Order::Asc, Some(version().gt(key.as_i64()))),
    };
    query.and_where_option(place).order_by(("r", column), order).limit(page.rows() as u64);
}
