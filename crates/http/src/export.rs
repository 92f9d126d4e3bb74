//! Writes the copy of all that is kept of somebody, as fast as they read it.
//!
//! What is in memory is a page of what storage gives, and a few portions of JSON. A copy that fails half-way is cut: its JSON
//! does not end, and neither does the answer.

use actix_web::web::Bytes;
use async_trait::async_trait;
use confab_application::Error;
use confab_application::users::{Archive, Export, Part};
use confab_domain::{SessionId, Timestamp, UserId};
use futures_util::{Stream, stream};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::dto::{
    AuditEntryResponse, ExportedBlock, ExportedConversation, ExportedMail, ExportedMessage, ExportedReaction,
    OwnReportResponse, ProfileResponse, RevisionResponse, SessionResponse,
};

/// How much is handed on at once.
const PORTION: usize = 32 * 1024;

/// The lists of the archive, in their order.
const LISTS: [&str; 8] =
    ["sessions", "audit", "mails", "blocks", "conversations", "reactions", "hidden_messages", "reports"];
const CONVERSATIONS: usize = 4;

/// Why a copy ends before its end.
#[derive(Debug, thiserror::Error)]
#[error("the copy is not whole")]
pub(crate) struct Cut;

/// The copy, which is made as it is read.
pub(crate) fn write(
    export: Export,
    viewer: UserId,
    session: SessionId,
    now: Timestamp,
) -> impl Stream<Item = Result<Bytes, Cut>> + 'static {
    let (sender, receiver) = mpsc::channel(1);
    actix_web::rt::spawn(async move {
        let mut writer = Writer::new(sender, viewer, session, now);
        let outcome = match export.run(&mut writer).await {
            Ok(()) => writer.end().await,
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, user_id = %viewer, "a copy of somebody's data was cut");
            let _ = writer.sender.send(Err(Cut)).await;
        }
    });
    stream::unfold((receiver, false), |(mut receiver, is_over)| async move {
        if is_over {
            return None;
        }
        match receiver.recv().await {
            Some(Ok(Written::Portion(bytes))) => Some((Ok(bytes), (receiver, false))),
            Some(Ok(Written::End)) => None,
            // Whoever wrote it is gone without a word.
            Some(Err(cut)) => Some((Err(cut), (receiver, true))),
            None => Some((Err(Cut), (receiver, true))),
        }
    })
}

/// What was written.
enum Written {
    Portion(Bytes),
    End,
}

struct Writer {
    sender: mpsc::Sender<Result<Written, Cut>>,
    viewer: UserId,
    session: SessionId,
    json: Vec<u8>,
    /// Of the lists that are open, each in the last item of the one before, whether they have an item.
    open: Vec<bool>,
    /// How many of [`LISTS`] were begun.
    begun: usize,
}

#[async_trait]
impl Archive for Writer {
    async fn put(&mut self, part: Part) -> Result<(), Error> {
        match part {
            Part::Profile(user) => self.value(&ProfileResponse::from(&user))?,
            Part::Session(session) => self.item(0, 0, &SessionResponse::new(session, self.session), false)?,
            Part::Audit(entry) => self.item(1, 0, &AuditEntryResponse::new(entry, self.viewer), false)?,
            Part::Mail(mail) => self.item(2, 0, &ExportedMail::from(mail), false)?,
            Part::Block(block) => self.item(3, 0, &ExportedBlock::from(block), false)?,
            Part::Place(place) => {
                self.item(CONVERSATIONS, 0, &ExportedConversation::from(place), true)?;
            }
            Part::FormerPlace(place) => {
                self.item(CONVERSATIONS, 0, &ExportedConversation::from(place), true)?;
            }
            Part::Message(message) => {
                self.item(CONVERSATIONS, 1, &ExportedMessage::from(message), true)?;
            }
            Part::Revision(revision) => self.item(CONVERSATIONS, 2, &RevisionResponse::from(revision), false)?,
            Part::Reaction(reaction) => self.item(5, 0, &ExportedReaction::from(reaction), false)?,
            Part::HiddenMessage(id) => self.item(6, 0, &id.as_uuid(), false)?,
            Part::Report(report) => self.item(7, 0, &OwnReportResponse::from(report), false)?,
        }
        if self.json.len() >= PORTION { self.hand_on().await } else { Ok(()) }
    }
}

impl Writer {
    fn new(sender: mpsc::Sender<Result<Written, Cut>>, viewer: UserId, session: SessionId, now: Timestamp) -> Self {
        let json = format!(r#"{{"exported_at":"{now}","profile":"#).into_bytes();
        Self { sender, viewer, session, json, open: Vec::new(), begun: 0 }
    }

    fn value(&mut self, value: &impl Serialize) -> Result<(), Error> {
        serde_json::to_writer(&mut self.json, value).map_err(|error| Error::Internal(error.to_string()))
    }

    /// Writes an item of a list, or of a list within the last item of it. An item that goes on ends in an empty list, whose
    /// items come next.
    fn item(&mut self, list: usize, depth: usize, value: &impl Serialize, goes_on: bool) -> Result<(), Error> {
        self.begin(list + 1);
        self.close(depth + 1);
        if let Some(has_items) = self.open.last_mut()
            && std::mem::replace(has_items, true)
        {
            self.json.push(b',');
        }
        self.value(value)?;
        if goes_on {
            debug_assert!(self.json.ends_with(b"[]}"));
            self.json.truncate(self.json.len() - 2);
            self.open.push(false);
        }
        Ok(())
    }

    /// Begins the lists up to so many.
    fn begin(&mut self, count: usize) {
        while let Some(name) = LISTS.get(self.begun).filter(|_| self.begun < count) {
            self.close(0);
            self.json.extend_from_slice(format!(r#","{name}":["#).as_bytes());
            self.open.push(false);
            self.begun += 1;
        }
    }

    /// Ends lists until so many are open.
    fn close(&mut self, depth: usize) {
        while self.open.len() > depth {
            self.open.pop();
            self.json.extend_from_slice(if self.open.is_empty() { b"]" } else { b"]}" });
        }
    }

    async fn hand_on(&mut self) -> Result<(), Error> {
        let bytes = Bytes::from(std::mem::take(&mut self.json));
        self.send(Written::Portion(bytes)).await
    }

    async fn end(&mut self) -> Result<(), Error> {
        self.begin(LISTS.len());
        self.close(0);
        self.json.push(b'}');
        self.hand_on().await?;
        self.send(Written::End).await
    }

    async fn send(&self, written: Written) -> Result<(), Error> {
        let sent = self.sender.send(Ok(written)).await;
        sent.map_err(|_| Error::Internal("whoever asked for it has gone".to_owned()))
    }
}
