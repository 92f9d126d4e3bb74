//! Have deleted users leave their conversations.

use confab_domain::{Change, ConversationChange, ConversationId, SystemMessage, UserId};

use crate::conversations::held::Held;
use crate::participants::dismiss;
use crate::ports::Limit;
use crate::{App, Error};

/// Has users who were deleted leave the conversations that they have not left yet, some of them, and tells whether there may
/// be more. Whoever deletes an account leaves the first ones at once; here is done what is left, also of a server that was
/// killed. Each conversation is left in a transaction of its own: done again, or by several nodes at once, it changes nothing.
///
/// # Errors
/// Those of storage.
pub async fn finish_departures(app: &App) -> Result<bool, Error> {
    match app.store.accounts().find_departing().await? {
        Some(user) => leave_some(app, user).await.map(|()| true),
        None => Ok(false),
    }
}

/// Leaves as many conversations as are asked for at once.
pub(super) async fn leave_some(app: &App, user: UserId) -> Result<(), Error> {
    let some = Limit::MAX_PAGE;
    let there = app.store.conversations().list_to_leave(user, some).await?;
    for id in &there {
        leave(app, user, *id).await?;
    }
    if there.len() < some.get() {
        let tx = app.store.begin().await?;
        tx.users().have_departed(user).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Leaves a group, which its owner hands on; closes a direct conversation, which the other one can still read.
async fn leave(app: &App, user: UserId, id: ConversationId) -> Result<(), Error> {
    let Some((mut held, place)) = Held::by_departing(app, user, id).await? else { return Ok(()) };
    if held.conversation.pair.is_none() {
        return dismiss(held, place).await;
    }
    let closed = ConversationChange { closed: Some(true), ..ConversationChange::default() };
    if let Some((conversation, made)) = held.conversation.with(closed, held.now) {
        // With the account went its blocks.
        held.conversation = conversation.with_block(false);
        held.tell(Change::Conversation(made)).await?;
        held.announce(SystemMessage::Closed).await?;
        held.keep().await?;
    }
    Ok(())
}
