//! Messages with all to which they refer.

use std::collections::HashMap;

use confab_application::views::{MessageView, Preview, ReactionSummary};
use confab_domain::{Emoji, Message, MessageId, UserId};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Order};
use sea_orm::{ConnectionTrait, DbErr, IdenStatic as _, JoinType};

use crate::accounts::cards::Cards;
use crate::entities::{hidden_message, message, participant, reaction, reaction_kind};
use crate::error::Failure;
use crate::reading::{Kind, Reading, Record, Values};
use crate::select::{is, is_among, same};

/// The message in a row.
pub(crate) fn message(row: &mut Values<'_>) -> Result<Message, Failure> {
    row.record::<message::Model>()?.restore()
}

/// The message in a row, followed by the record of its having been deleted by the viewer for themselves, where it was.
pub(crate) fn message_as_seen(row: &mut Values<'_>) -> Result<Message, Failure> {
    let message = message(row)?;
    Ok(if row.optional_record::<Hidden>()?.is_some() { message.hidden() } else { message })
}

/// That the viewer has deleted a message for themselves.
pub(crate) struct Hidden;

impl Record for Hidden {
    type Column = hidden_message::Column;

    const COLUMNS: &'static [(Self::Column, Kind)] = &[(hidden_message::Column::MessageId, Kind::Id)];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        values.id().map(|_| Self)
    }
}

/// Whether `hidden` is the record of the viewer's having deleted the message of `m` for themselves.
pub(crate) fn is_hidden(viewer: UserId) -> Condition {
    Condition::all()
        .add(is(("hidden", hidden_message::Column::UserId), viewer.as_uuid()))
        .add(same(("hidden", hidden_message::Column::MessageId), ("m", message::Column::Id)))
}

/// The messages, each with all to which it refers. Some of the cards are there.
pub(crate) async fn with_references(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    messages: Vec<Message>,
    mut cards: Cards,
) -> Result<Vec<MessageView>, Failure> {
    let references = References::read(connection, viewer, &messages).await?;
    let users = messages.iter().flat_map(users).chain(references.users());
    cards.complete(connection, users).await?;
    messages.into_iter().map(|message| references.view(message, &cards)).collect()
}

/// Has a statement read the cards of those along who have sent what it finds, if that is the quicker way.
pub(crate) fn along(reading: Reading) -> Reading {
    Cards::along(reading, &[("m", message::Column::SenderId.as_str())])
}

/// The messages that a statement finds, and such cards of their senders as come [along].
pub(crate) async fn fetch(
    reading: Reading,
    connection: &impl ConnectionTrait,
) -> Result<(Vec<Message>, Cards), Failure> {
    let statement = along(reading).build(connection.get_database_backend());
    Cards::fetch_along(statement, connection, message).await
}

/// The users to whom a message refers.
pub(crate) fn users(message: &Message) -> impl Iterator<Item = UserId> + '_ {
    std::iter::once(message.sender_id).chain(message.named().iter().copied())
}

/// What messages refer to beside users. Few messages answer another or have reactions: where none of a page does, nothing is
/// read, and otherwise one statement for each of the two, whatever the size of the page.
#[derive(Default)]
pub(crate) struct References {
    replied_to: HashMap<MessageId, Message>,
    reactions: HashMap<MessageId, Vec<ReactionSummary>>,
}

impl References {
    /// Reads what these messages refer to, as far as the viewer sees it.
    pub(crate) async fn read<'a>(
        connection: &impl ConnectionTrait,
        viewer: UserId,
        messages: impl IntoIterator<Item = &'a Message>,
    ) -> Result<Self, Failure> {
        let (mut replied_to, mut reacted) = (Vec::new(), Vec::new());
        for message in messages {
            replied_to.extend(message.reply_to_id);
            reacted.extend((message.reaction_kinds > 0).then_some(message.id));
        }
        Ok(Self {
            replied_to: of_ids(connection, viewer, &replied_to).await?,
            reactions: reactions(connection, viewer, &reacted).await?,
        })
    }

    /// The users to whom what is referred to refers.
    pub(crate) fn users(&self) -> impl Iterator<Item = UserId> + '_ {
        self.replied_to.values().map(|message| message.sender_id)
    }

    /// A message with what it refers to, and these cards.
    pub(crate) fn view(&self, message: Message, cards: &Cards) -> Result<MessageView, Failure> {
        let preview = |id: MessageId| -> Result<_, Failure> {
            let found = self.replied_to.get(&id);
            let found = found.map(|found| Ok::<_, Failure>((found.clone(), cards.of(found.sender_id)?)));
            Ok(Preview { id, message: found.transpose()? })
        };
        Ok(MessageView {
            sender: cards.of(message.sender_id)?,
            named: message.named().iter().map(|id| cards.of(*id)).collect::<Result<_, _>>()?,
            reply_to: message.reply_to_id.map(preview).transpose()?,
            reactions: self.reactions.get(&message.id).cloned().unwrap_or_default(),
            message,
        })
    }
}

/// Those of these messages that the viewer sees, of whatever conversation.
pub(crate) async fn of_ids(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    ids: &[MessageId],
) -> Result<HashMap<MessageId, Message>, Failure> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut reading = Reading::new().of::<message::Model>("m").of::<Hidden>("hidden");
    let mine = Condition::all()
        .add(same(("me", participant::Column::ConversationId), ("m", message::Column::ConversationId)))
        .add(is(("me", participant::Column::UserId), viewer.as_uuid()));
    let ids = ids.iter().map(|id| id.as_uuid());
    reading
        .query()
        .from_as(message::Entity, "m")
        .join_as(JoinType::InnerJoin, participant::Entity, "me", mine)
        .join_as(JoinType::LeftJoin, hidden_message::Entity, "hidden", is_hidden(viewer))
        .and_where(is_among(("m", message::Column::Id), ids, connection.get_database_backend()))
        .and_where(Expr::col(("m", message::Column::Seq)).gt(Expr::col(("me", participant::Column::VisibleSeq))))
        .and_where(Expr::col(("hidden", hidden_message::Column::MessageId)).is_null());
    let found = reading.fetch(connection, message).await?;
    Ok(found.into_iter().map(|message| (message.id, message)).collect())
}

async fn reactions(
    connection: &impl ConnectionTrait,
    viewer: UserId,
    ids: &[MessageId],
) -> Result<HashMap<MessageId, Vec<ReactionSummary>>, Failure> {
    use reaction_kind::Column;
    let mut found: HashMap<MessageId, Vec<ReactionSummary>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let mine = Condition::all()
        .add(same(("r", reaction::Column::MessageId), ("k", Column::MessageId)))
        .add(same(("r", reaction::Column::Emoji), ("k", Column::Emoji)))
        .add(is(("r", reaction::Column::UserId), viewer.as_uuid()));
    let mut reading = Reading::new().of::<reaction_kind::Model>("k").of::<reaction::Model>("r");
    let ids = ids.iter().map(|id| id.as_uuid());
    reading
        .query()
        .from_as(reaction_kind::Entity, "k")
        .join_as(JoinType::LeftJoin, reaction::Entity, "r", mine)
        .and_where(is_among(("k", Column::MessageId), ids, connection.get_database_backend()))
        .order_by(("k", Column::Version), Order::Asc);
    let rows = reading.fetch(connection, |row| {
        let kind = row.record::<reaction_kind::Model>()?;
        let mine = row.optional_record::<reaction::Model>()?.is_some();
        kind.restore(mine)
    });
    for (id, summary) in rows.await? {
        found.entry(id).or_default().push(summary);
    }
    Ok(found)
}

impl reaction_kind::Model {
    fn restore(self, mine: bool) -> Result<(MessageId, ReactionSummary), Failure> {
        let row = crate::entities::row::Row::new("reaction_kinds", self.message_id);
        let emoji = row.value("emoji", Emoji::parse(&self.emoji))?;
        let count = row.count("count", self.count)?;
        Ok((MessageId::from(self.message_id), ReactionSummary { emoji, count, mine }))
    }
}
