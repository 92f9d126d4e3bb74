//! People, their conversations and what they say, made in a line each.

use std::sync::Arc;

use confab_application::ports::{Clock as _, Store, Transaction};
use confab_application::{App, Viewer};
use confab_domain::{
    Change, Conversation, ConversationId, DirectPair, Draft, EmailAddress, Event, Membership, Message, MessageBody,
    Participant, PasswordHash, PersonName, Profile, RefreshToken, RefreshTokenHash, Role, Session, SessionId,
    SessionUse, Timestamp, Title, User,
};
use uuid::Uuid;

use super::{ManualClock, app};
use crate::Adapter;

/// The password of everyone whom a [`World`] makes.
pub const PASSWORD: &str = "correct horse";

/// An application, and the means to fill its store. Its methods panic where storage fails.
pub struct World {
    /// The application.
    pub app: App,
    /// Its clock.
    pub clock: Arc<ManualClock>,
}

impl World {
    /// A world on this storage.
    pub fn new(storage: impl Into<Adapter>) -> Self {
        let clock = Arc::new(ManualClock::default());
        Self { app: app(storage, Arc::clone(&clock)), clock }
    }

    /// The store.
    pub fn store(&self) -> &dyn Store {
        self.app.store.as_ref()
    }

    /// A new transaction.
    pub async fn begin(&self) -> Box<dyn Transaction> {
        self.store().begin().await.unwrap()
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new id, of whatever it is for.
    pub fn id<Id: From<Uuid>>(&self) -> Id {
        Id::from(self.app.ids.next())
    }

    /// A user who is not stored. The first name is also the first part of the address at example.org.
    pub fn new_user(&self, name: &str, role: Role) -> User {
        let profile = Profile {
            first_name: PersonName::parse(name).unwrap(),
            last_name: PersonName::parse("Lovelace").unwrap(),
            phone_number: None,
        };
        let email = EmailAddress::parse(&format!("{name}@example.org")).unwrap();
        User::create(self.id(), email, profile, role, self.now())
    }

    /// Stores a user, whose password is [`PASSWORD`].
    pub async fn insert_user(&self, user: &User) {
        let tx = self.begin().await;
        let hash = PasswordHash::restore(format!("$plain${PASSWORD}"));
        tx.users().insert(user, &hash).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A stored user with a role.
    pub async fn user(&self, name: &str, role: Role) -> User {
        let user = self.new_user(name, role);
        self.insert_user(&user).await;
        user
    }

    /// A stored host.
    pub async fn host(&self, name: &str) -> User {
        self.user(name, Role::Host).await
    }

    /// So many stored hosts, in the order of their ids.
    pub async fn hosts(&self, count: usize) -> Vec<User> {
        let tx = self.begin().await;
        let hash = PasswordHash::restore(format!("$plain${PASSWORD}"));
        let mut users = Vec::new();
        for number in 0..count {
            let user = self.new_user(&format!("host{number}"), Role::Host);
            tx.users().insert(&user, &hash).await.unwrap();
            users.push(user);
        }
        tx.commit().await.unwrap();
        users
    }

    /// The user, as a viewer in some session.
    pub fn viewer(&self, user: &User) -> Viewer {
        Viewer { user: Arc::new(user.clone()), session_id: self.id() }
    }

    /// A session that is not stored. Its token's hash begins with `token`.
    pub fn new_session(&self, user: &User, token: u8) -> Session {
        let hash = RefreshTokenHash::new([token; 32]);
        let refresh_token = RefreshToken { hash, family: hash, expires_at: self.now().plus_seconds(60) };
        Session {
            id: self.id::<SessionId>(),
            user_id: user.id,
            device: None,
            created_at: self.now(),
            last_use: SessionUse { at: self.now(), address: None, user_agent: None },
            refresh_token,
            previous_token: None,
        }
    }

    /// Stores a conversation, the users in it as members and its creator, who is among them, as owner.
    pub async fn insert_conversation(&self, conversation: &Conversation, users: &[&User]) {
        let participants: Vec<Participant> = users
            .iter()
            .map(|user| {
                let owns = conversation.pair.is_none() && user.id == conversation.creator_id;
                let membership = if owns { Membership::Owner } else { Membership::Member };
                Participant::join(conversation, user.id, membership, self.now())
            })
            .collect();
        let tx = self.begin().await;
        tx.conversations().insert(conversation, &participants).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A stored group without a title. The first of the users owns it.
    pub async fn group(&self, users: &[&User]) -> Conversation {
        self.group_named(None, users).await
    }

    /// A stored group, perhaps with a title. The first of the users owns it.
    pub async fn group_named(&self, title: Option<&str>, users: &[&User]) -> Conversation {
        let title = title.map(|title| Title::parse(title).unwrap());
        let group = Conversation::create_group(self.id(), users[0].id, title, users.len() as u64, self.now());
        self.insert_conversation(&group, users).await;
        group
    }

    /// A stored direct conversation.
    pub async fn direct(&self, one: &User, other: &User) -> Conversation {
        let pair = DirectPair::new(one.id, other.id).unwrap();
        let direct = Conversation::start_direct(self.id(), one.id, pair, self.now());
        self.insert_conversation(&direct, &[one, other]).await;
        direct
    }

    /// A draft without a key.
    pub fn draft(&self, sender: &User, text: &str) -> Draft {
        Draft::new(self.id(), sender.id, MessageBody::parse(text).unwrap())
    }

    /// Posts texts in one transaction, with the calls of the use-case that sends; the sender has then read them.
    pub async fn post(&self, id: ConversationId, sender: &User, texts: &[&str]) -> Vec<Message> {
        let tx = self.begin().await;
        let mut conversation = tx.conversations().find_for_update(sender.id, id).await.unwrap().unwrap();
        let participant = tx.conversations().find_participant_for_update(id, sender.id).await.unwrap().unwrap();
        let mut messages = Vec::new();
        for text in texts {
            let (next, message) = conversation.post(self.draft(sender, text), self.now());
            tx.messages().insert(&message).await.unwrap();
            conversation = next;
            messages.push(message);
        }
        let participant = participant.read_up_to(conversation.last_seq, &conversation).unwrap();
        tx.conversations().update(&conversation).await.unwrap();
        tx.conversations().update_participant(&participant).await.unwrap();
        tx.commit().await.unwrap();
        messages
    }

    /// Records a change in a transaction of its own, with the calls of the use-cases that make changes.
    pub async fn record(&self, id: ConversationId, actor: &User, change: Change) -> Event {
        let tx = self.begin().await;
        let conversation = tx.conversations().find_for_update(actor.id, id).await.unwrap().unwrap();
        let (conversation, event) = conversation.record(actor.id, change, self.now());
        tx.events().append(&event).await.unwrap();
        tx.conversations().update(&conversation).await.unwrap();
        tx.commit().await.unwrap();
        event
    }
}
