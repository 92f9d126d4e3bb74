//! Messages with the users to whom they refer.

use confab_application::views::MessageView;
use confab_domain::{Message, UserId};
use sea_orm::ConnectionTrait;

use crate::accounts::cards::Cards;
use crate::entities::message;
use crate::error::Failure;
use crate::reading::Values;

/// The message in a row.
pub(crate) fn message(row: &mut Values<'_>) -> Result<Message, Failure> {
    row.record::<message::Model>()?.restore()
}

/// The messages, each with the users to whom it refers.
pub(crate) async fn with_users(
    connection: &impl ConnectionTrait,
    messages: Vec<Message>,
) -> Result<Vec<MessageView>, Failure> {
    let cards = Cards::read(connection, messages.iter().flat_map(users)).await?;
    messages.into_iter().map(|message| with_cards(message, &cards)).collect()
}

/// The users to whom a message refers.
pub(crate) fn users(message: &Message) -> impl Iterator<Item = UserId> + '_ {
    std::iter::once(message.sender_id).chain(message.named().iter().copied())
}

/// The message with these cards, among which are those of its [users].
pub(crate) fn with_cards(message: Message, cards: &Cards) -> Result<MessageView, Failure> {
    let named = message.named().iter().map(|id| cards.of(*id)).collect::<Result<_, _>>()?;
    Ok(MessageView { sender: cards.of(message.sender_id)?, named, message })
}
