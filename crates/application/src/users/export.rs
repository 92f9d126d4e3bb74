//! Take a copy of all that is kept of oneself.

use async_trait::async_trait;
use confab_domain::{
    AuditEntry, AuditKind, ConversationId, Message, MessageId, Operation, Origin, OutgoingMail, Reaction, Relation,
    Report, Revision, Seq, Session, User, Version, may,
};

use crate::ports::{BlockKey, FormerPlace, Limit, Page, PageRequest, Place, Position};
use crate::views::BlockView;
use crate::{App, Error, Unauthenticated, Viewer};

/// How much of a conversation is looked through in one statement: most of it may be other people's.
const WINDOW: u64 = 10_000;

/// A part of the copy.
#[derive(Debug)]
pub enum Part {
    /// The account. The first part.
    Profile(User),
    /// One of the sessions.
    Session(Session),
    /// Something that happened to the account.
    Audit(AuditEntry),
    /// A mail that waits.
    Mail(OutgoingMail),
    /// A user whom they have blocked.
    Block(BlockView),
    /// A conversation that they take part in. Their messages in it follow.
    Place(Place),
    /// A conversation that they took part in. Their messages in it follow.
    FormerPlace(FormerPlace),
    /// A message of theirs. What it said before follows.
    Message(Message),
    /// What the last message said before an edit, the oldest first.
    Revision(Revision),
    /// A reaction of theirs.
    Reaction(Reaction),
    /// A message that they have deleted for themselves.
    HiddenMessage(MessageId),
    /// A report of theirs.
    Report(Report),
}

/// Takes the parts, in the order of [`Part`].
#[async_trait]
pub trait Archive: Send {
    /// Takes a part; slowly, where whoever reads the copy is slow.
    async fn put(&mut self, part: Part) -> Result<(), Error>;
}

/// A copy that somebody may take.
pub struct Export {
    app: App,
    viewer: Viewer,
}

/// Lets the viewer take a copy, which goes to the audit.
///
/// # Errors
/// [`Error::Denied`], by the permission table; [`Unauthenticated`] where the session has just ended.
pub async fn begin_export(app: &App, viewer: &Viewer, origin: &Origin) -> Result<Export, Error> {
    let tx = app.store.begin().await?;
    let user = tx.users().find_for_update(viewer.user.id).await?.filter(|user| user.active);
    let user = user.ok_or(Unauthenticated::InvalidToken)?;
    may(Operation::ExportOwnData, user.role, Relation::None)?;
    let entry = app.own_audit_entry(AuditKind::DataExported, user.id, origin);
    tx.audit().append(&AuditEntry { session_id: Some(viewer.session_id), ..entry }).await?;
    tx.commit().await?;
    Ok(Export { app: app.clone(), viewer: viewer.clone() })
}

impl Export {
    /// Puts all parts into an archive. They are read page by page, each as it is when its turn comes: what changes meanwhile may
    /// be in the copy or not.
    ///
    /// # Errors
    /// Those of the store and of the archive; [`Unauthenticated`] as soon as the session ends. The copy is then not whole.
    pub async fn run(&self, archive: &mut dyn Archive) -> Result<(), Error> {
        let user = self.user().await?;
        let email = user.email.clone();
        archive.put(Part::Profile(user)).await?;
        self.sessions(archive).await?;
        self.audit(archive).await?;
        for mail in self.app.store.export().mails_to(&email).await? {
            archive.put(Part::Mail(mail)).await?;
        }
        self.blocks(archive).await?;
        self.places(archive).await?;
        self.former_places(archive).await?;
        self.reactions(archive).await?;
        self.hidden_messages(archive).await?;
        self.reports(archive).await
    }

    /// The account, as long as the session lasts: asked for each page.
    async fn user(&self) -> Result<User, Error> {
        let (app, viewer) = (&self.app, &self.viewer);
        let found = app.sessions.find(app.store.accounts(), viewer.session_id, viewer.user.id, app.clock.now()).await?;
        let user = found.filter(|user| user.id == viewer.user.id && user.active);
        let user = user.ok_or(Unauthenticated::InvalidToken)?;
        Ok(User::clone(&user))
    }

    async fn sessions(&self, archive: &mut dyn Archive) -> Result<(), Error> {
        let mut after = None;
        loop {
            let (viewer, now) = (self.user().await?.id, self.app.clock.now());
            let page = self.app.store.sessions().list(viewer, now, &page(after)).await?;
            after = page.items.last().map(|session| session.id);
            if put_all(archive, page, Part::Session).await? {
                return Ok(());
            }
        }
    }

    async fn audit(&self, archive: &mut dyn Archive) -> Result<(), Error> {
        let mut after = None;
        loop {
            let page = self.app.store.audit().list(self.user().await?.id, &page(after)).await?;
            after = page.items.last().map(|entry| entry.id);
            if put_all(archive, page, Part::Audit).await? {
                return Ok(());
            }
        }
    }

    async fn blocks(&self, archive: &mut dyn Archive) -> Result<(), Error> {
        let mut after = None;
        loop {
            let page = self.app.store.people().blocks(self.user().await?.id, &page(after)).await?;
            after = page.items.last().map(BlockKey::of);
            if put_all(archive, page, Part::Block).await? {
                return Ok(());
            }
        }
    }

    async fn places(&self, archive: &mut dyn Archive) -> Result<(), Error> {
        let mut after = None;
        loop {
            let places = self.app.store.export().places(self.user().await?.id, after, Limit::MAX_PAGE).await?;
            let Some(last) = places.last() else { return Ok(()) };
            after = Some(last.participant.conversation_id);
            for place in places {
                let (id, last_seq) = (place.participant.conversation_id, place.last_seq);
                archive.put(Part::Place(place)).await?;
                self.messages(archive, id, last_seq).await?;
            }
        }
    }

    async fn former_places(&self, archive: &mut dyn Archive) -> Result<(), Error> {
        let mut after = None;
        loop {
            let places = self.app.store.export().former_places(self.user().await?.id, after, Limit::MAX_PAGE).await?;
            let Some(last) = places.last() else { return Ok(()) };
            after = Some(last.participant.conversation_id);
            for place in places {
                let former = &place.participant;
                // The message that tells that they left, which is their own, comes after that.
                let (id, last_seq) = (former.conversation_id, former.left_seq.next());
                archive.put(Part::FormerPlace(place)).await?;
                self.messages(archive, id, last_seq).await?;
            }
        }
    }

    async fn messages(&self, archive: &mut dyn Archive, id: ConversationId, last: Seq) -> Result<(), Error> {
        let mut after = Seq::ZERO;
        while after < last {
            let (viewer, up_to) = (self.user().await?.id, after.plus(WINDOW).min(last));
            let found = self.app.store.export().own_messages(viewer, id, after, up_to, Limit::MAX_PAGE).await?;
            after = match found.last() {
                Some(message) if found.len() == Limit::MAX => message.seq,
                _ => up_to,
            };
            for message in found {
                let edited = message.text().is_some_and(|text| text.edited.is_some()).then_some(message.id);
                archive.put(Part::Message(message)).await?;
                if let Some(id) = edited {
                    self.revisions(archive, id).await?;
                }
            }
        }
        Ok(())
    }

    async fn revisions(&self, archive: &mut dyn Archive, id: MessageId) -> Result<(), Error> {
        let mut after = Version::ZERO;
        loop {
            let viewer = self.user().await?.id;
            let found = self.app.store.export().own_revisions(viewer, id, after, Limit::MAX_PAGE).await?;
            let Some(last) = found.last() else { return Ok(()) };
            after = last.version;
            for revision in found {
                archive.put(Part::Revision(revision)).await?;
            }
        }
    }

    async fn reactions(&self, archive: &mut dyn Archive) -> Result<(), Error> {
        let mut after = None;
        loop {
            let found = self.app.store.export().own_reactions(self.user().await?.id, after, Limit::MAX_PAGE).await?;
            let Some(last) = found.last() else { return Ok(()) };
            after = Some((last.message_id, last.version));
            for reaction in found {
                archive.put(Part::Reaction(reaction)).await?;
            }
        }
    }

    async fn hidden_messages(&self, archive: &mut dyn Archive) -> Result<(), Error> {
        let mut after = None;
        loop {
            let found = self.app.store.export().hidden_messages(self.user().await?.id, after, Limit::MAX_PAGE).await?;
            let Some(last) = found.last() else { return Ok(()) };
            after = Some(*last);
            for id in found {
                archive.put(Part::HiddenMessage(id)).await?;
            }
        }
    }

    async fn reports(&self, archive: &mut dyn Archive) -> Result<(), Error> {
        let mut after = None;
        loop {
            let found = self.app.store.export().own_reports(self.user().await?.id, after, Limit::MAX_PAGE).await?;
            let Some(last) = found.last() else { return Ok(()) };
            after = Some(last.message_id);
            for report in found {
                archive.put(Part::Report(report)).await?;
            }
        }
    }
}

fn page<K>(after: Option<K>) -> PageRequest<K> {
    PageRequest { limit: Limit::MAX_PAGE, position: after.map(Position::After) }
}

/// Puts a page into the archive, and tells whether it is the last one.
async fn put_all<T>(archive: &mut dyn Archive, page: Page<T>, part: fn(T) -> Part) -> Result<bool, Error> {
    for item in page.items {
        archive.put(part(item)).await?;
    }
    Ok(!page.has_next)
}
