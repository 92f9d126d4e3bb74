//! A client that has read everything once, and then only what has changed.

use std::collections::BTreeMap;

use confab_application::conversations::changes;
use confab_application::views::{Entry, MessageView};
use confab_domain::{Change, Content, Emoji, HistoryVisibility, Membership, MessageId, Title, UserId, Version};

use super::People;
use crate::cases::expect::limit;
use crate::testing::World;

/// What a client knows of a group. Cursors are not in it: they are state, and no events.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Client {
    version: Version,
    title: Option<Title>,
    closed: bool,
    announcement: bool,
    history: HistoryVisibility,
    participants: BTreeMap<UserId, Membership>,
    /// The messages, by seq.
    messages: BTreeMap<u64, Shown>,
}

/// What is shown of a message.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    id: MessageId,
    sender: UserId,
    content: Content,
    answers: Option<MessageId>,
    reactions: Vec<(Emoji, u64, bool)>,
}

impl Client {
    /// All that somebody sees now; none where they do not take part.
    pub(super) async fn snapshot(world: &World, people: &People, who: usize) -> Option<Self> {
        let view = people.find(world, who).await?;
        let group = &view.conversation;
        let mut client = Self {
            version: group.version,
            title: group.title.clone(),
            closed: group.closed_at.is_some(),
            announcement: group.announcement,
            history: group.history,
            participants: view.participants.iter().map(|one| (one.user.id, one.membership)).collect(),
            messages: BTreeMap::new(),
        };
        for view in people.read(world, who).await? {
            client.show(view);
        }
        Some(client)
    }

    fn show(&mut self, view: MessageView) {
        let reactions = view.reactions.iter().map(|one| (one.emoji, one.count, one.mine)).collect();
        let shown = Shown {
            id: view.message.id,
            sender: view.message.sender_id,
            content: view.message.content.clone(),
            answers: view.message.reply_to_id,
            reactions,
        };
        self.messages.insert(view.message.seq.get(), shown);
    }

    pub(super) fn forget(&mut self, seq: u64) {
        self.messages.remove(&seq);
    }

    /// The client, after it has taken all that has changed since, a few changes at a time. Where it is told that it may not see what lies
    /// between, or that it sees more or less from now on, it reads everything anew, as it is told to do.
    pub(super) async fn catch_up(mut self, world: &World, people: &People, who: usize) -> Self {
        loop {
            let news = changes(&world.app, &people.viewers[who], people.group, self.version, limit(5)).await.unwrap();
            if news.after != self.version {
                return Self::snapshot(world, people, who).await.unwrap();
            }
            for entry in news.entries {
                assert_eq!(entry.version(), self.version.next(), "the events have a gap");
                self.version = entry.version();
                if !self.take(entry) {
                    return Self::snapshot(world, people, who).await.unwrap();
                }
            }
            if self.version == news.version {
                return self;
            }
        }
    }

    /// False where everything has to be read anew.
    fn take(&mut self, entry: Entry) -> bool {
        let (event, message) = match entry {
            Entry::Message(view) => {
                self.show(view);
                return true;
            }
            Entry::Event { event, message, .. } => (event, message),
        };
        if let Some(view) = message {
            self.show(*view);
        }
        match &event.change {
            Change::Conversation(change) => {
                if change.history.is_some() {
                    return false;
                }
                self.title = change.title.clone().unwrap_or_else(|| self.title.take());
                self.closed = change.closed.unwrap_or(self.closed);
                self.announcement = change.announcement.unwrap_or(self.announcement);
            }
            Change::ParticipantsAdded { user_ids } => {
                self.participants.extend(user_ids.iter().map(|id| (*id, Membership::Member)));
            }
            Change::ParticipantLeft { user_id } => drop(self.participants.remove(user_id)),
            Change::OwnerChanged { user_id } => {
                for (id, membership) in &mut self.participants {
                    *membership = if id == user_id { Membership::Owner } else { Membership::Member };
                }
            }
            Change::MessageEdited { .. }
            | Change::MessageDeleted { .. }
            | Change::ReactionAdded { .. }
            | Change::ReactionRemoved { .. }
            | Change::ConversationDeleted => {}
        }
        true
    }
}
