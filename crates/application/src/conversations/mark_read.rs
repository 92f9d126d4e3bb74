//! Move one's own cursors: what has been delivered, what has been read, and what is to be unread again.

use confab_domain::{
    Conversation, ConversationId, Operation, Participant, Relation, Seq, UnreadCount, ValueError, may,
};

use crate::{App, Error, FieldError, Resource, Viewer};

/// How far a participant has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadState {
    /// The last message that the viewer has read.
    pub last_read_seq: Seq,
    /// The last message that has reached the viewer.
    pub last_delivered_seq: Seq,
    /// How many messages of others the viewer has not read.
    pub unread: UnreadCount,
}

/// Moves the viewer's read cursor forward to `seq`; a smaller one changes nothing. What is read has been delivered.
///
/// # Errors
/// [`Error::NotFound`] where the viewer does not take part; [`Error::Invalid`] beyond the last message.
pub async fn mark_read(app: &App, viewer: &Viewer, id: ConversationId, seq: i64) -> Result<ReadState, Error> {
    move_cursors(app, viewer, id, seq, Participant::read_up_to).await
}

/// Tells that everything up to `seq` has reached a device of the viewer; a smaller one changes nothing.
///
/// # Errors
/// As [`mark_read`].
pub async fn mark_delivered(app: &App, viewer: &Viewer, id: ConversationId, seq: i64) -> Result<ReadState, Error> {
    move_cursors(app, viewer, id, seq, Participant::delivered_up_to).await
}

/// Makes the message at `seq` and what follows it unread again.
///
/// # Errors
/// As [`mark_read`], and [`Error::Invalid`] for what was said before the viewer joined.
pub async fn mark_unread(app: &App, viewer: &Viewer, id: ConversationId, seq: i64) -> Result<ReadState, Error> {
    move_cursors(app, viewer, id, seq, Participant::unread_from).await
}

async fn move_cursors(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
    seq: i64,
    to: impl FnOnce(&Participant, Seq, &Conversation) -> Result<Participant, ValueError>,
) -> Result<ReadState, Error> {
    let invalid = |error| Error::Invalid(vec![FieldError::of_value("seq", &error)]);
    let seq = Seq::parse(seq).map_err(invalid)?;
    let tx = app.store.begin().await?;
    let participant = tx.conversations().find_participant_for_update(id, viewer.user.id).await?;
    let conversation = match &participant {
        Some(_) => tx.conversations().peek(id).await?,
        None => None,
    };
    let relation = Relation::of(conversation.as_ref().zip(participant.as_ref().map(|found| found.membership)));
    may(Operation::MarkRead, viewer.user.role, relation)?;
    let (Some(participant), Some(conversation)) = (participant, conversation) else {
        return Err(Error::NotFound(Resource::Conversation));
    };
    let moved = to(&participant, seq, &conversation).map_err(invalid)?;
    let counted = tx.conversations().count_unread(&moved).await?;
    if moved != participant {
        tx.conversations().update_participant(&moved).await?;
        tx.commit().await?;
    }
    Ok(ReadState {
        last_read_seq: moved.last_read_seq,
        last_delivered_seq: moved.last_delivered_seq,
        unread: UnreadCount::of(counted, &moved, &conversation),
    })
}
