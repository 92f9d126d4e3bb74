//! Messages with their senders.

use confab_application::views::MessageView;
use confab_domain::Message;
use sea_orm::ConnectionTrait;

use crate::accounts::cards::Cards;
use crate::entities::message;
use crate::error::Failure;
use crate::reading::Values;

/// The message in a row.
pub(crate) fn message(row: &mut Values<'_>) -> Result<Message, Failure> {
    row.record::<message::Model>()?.restore()
}

/// The messages, each with its sender.
pub(crate) async fn with_senders(
    connection: &impl ConnectionTrait,
    messages: Vec<Message>,
) -> Result<Vec<MessageView>, Failure> {
    let cards = Cards::read(connection, messages.iter().map(|message| message.sender_id)).await?;
    let view = |message: Message| Ok(MessageView { sender: cards.of(message.sender_id)?, message });
    messages.into_iter().map(view).collect()
}
