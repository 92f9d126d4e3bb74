//! Look into a conversation from outside.

use confab_domain::{ConversationId, Operation, SystemMessage, Timestamp};

use super::held::{Grounds, Held};
use crate::{App, Error, FieldError, Viewer};

/// For how many minutes at most.
pub const MAX_INSPECTION_MINUTES: u32 = 60;

/// Lets an admin read a conversation's messages for some minutes, without taking part. It is in the audit with its reason, and told
/// to those who take part among their messages. Done again, it goes on from then. Returns when it ends.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Denied`] for whoever is no admin; [`Error::Invalid`] without a reason, and for `minutes`
/// other than 1 to [`MAX_INSPECTION_MINUTES`].
pub async fn inspect(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
    minutes: u32,
    grounds: &Grounds,
) -> Result<Timestamp, Error> {
    let mut held = Held::begin(app, viewer, id, Operation::InspectConversation, grounds).await?;
    if !(1..=MAX_INSPECTION_MINUTES).contains(&minutes) {
        let message = format!("must be from 1 to {MAX_INSPECTION_MINUTES}");
        return Err(Error::Invalid(vec![FieldError::new("minutes", "out_of_range", message)]));
    }
    let until = held.now.plus_seconds(minutes * 60);
    held.announce(SystemMessage::Inspected { until }).await?;
    held.keep().await?;
    Ok(until)
}
