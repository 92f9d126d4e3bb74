//! Mark a conversation read.

use confab_domain::{ConversationId, Operation, Participant, Relation, Seq, may};

use crate::{App, Error, FieldError, Resource, Viewer};

/// How far a participant has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadState {
    /// The last message that the viewer has read.
    pub last_read_seq: Seq,
    /// How many follow it.
    pub unread_count: u64,
}

/// Moves the viewer's read cursor forward to `seq`; a smaller one changes nothing.
///
/// # Errors
/// [`Error::NotFound`] where the viewer does not take part; [`Error::Invalid`] beyond the last message.
pub async fn mark_read(app: &App, viewer: &Viewer, id: ConversationId, seq: i64) -> Result<ReadState, Error> {
    let seq = Seq::parse(seq).map_err(|error| Error::Invalid(vec![FieldError::of_value("seq", &error)]))?;
    let tx = app.store.begin().await?;
    let participant = tx.conversations().find_participant_for_update(id, viewer.user.id).await?;
    let relation = Relation::of(participant.as_ref().map(|found| found.membership));
    may(Operation::MarkRead, viewer.user.role, relation)?;
    let conversation = tx.conversations().peek(id).await?;
    let (Some(participant), Some(conversation)) = (participant, conversation) else {
        return Err(Error::NotFound(Resource::Conversation));
    };
    let reader: Participant = participant
        .read_up_to(seq, &conversation)
        .map_err(|error| Error::Invalid(vec![FieldError::of_value("seq", &error)]))?;
    if reader != participant {
        tx.conversations().update_participant(&reader).await?;
        tx.commit().await?;
    }
    Ok(ReadState { last_read_seq: reader.last_read_seq, unread_count: reader.unread_count(&conversation) })
}
