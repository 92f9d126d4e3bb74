//! All or nothing, unseen until it is committed, and over after an error.

use std::sync::Arc;

use confab_application::ports::{
    ClaimedMail, ConversationFilter, Limit, MailOutcome, MessageFilter, MessageReader, PageRequest, Participants,
    Store, StoreError, Transaction,
};
use confab_domain::{
    ClientMessageId, Conversation, DirectPair, Draft, MailKind, MailToken, MailTokenHash, Membership, Message,
    OutgoingMail, Participant, PasswordHash, PersonName, ProfileChange, RefreshToken, Role, Session, TokenPurpose,
    User,
};
use tokio::sync::oneshot;

use super::expect::{assert_over, conversation, list_all, participant, read_all, user};
use crate::Adapter;
use crate::testing::World;

/// A row of every kind to write, and the rows that they change.
struct Change {
    /// Stored before.
    ada: User,
    /// Stored before, with Ada as its only member.
    group: Conversation,
    changed_ada: User,
    ben: User,
    session: Session,
    direct: Conversation,
    members: [Participant; 2],
    changed_group: Conversation,
    message: Message,
    reader: Participant,
}

impl Change {
    async fn prepare(world: &World) -> Self {
        let ada = world.host("ada").await;
        let group = world.group(&[&ada]).await;
        let name = ProfileChange { first_name: PersonName::parse("Augusta").ok(), ..ProfileChange::default() };
        let ben = world.new_user("ben", Role::Host);
        let pair = DirectPair::new(ada.id, ben.id).unwrap();
        let direct = Conversation::start_direct(world.id(), ada.id, pair, world.now());
        let join = |user: &User| Participant::join(&direct, user.id, Membership::Member, world.now());
        let draft = Draft { client_message_id: ClientMessageId::parse("key").ok(), ..world.draft(&ada, "x") };
        let (changed_group, message) = group.post(draft, world.now());
        let reader = Participant::join(&group, ada.id, Membership::Owner, world.now());
        Self {
            changed_ada: ada.with_profile(name, world.now()),
            session: world.new_session(&ada, 1),
            members: [join(&ada), join(&ben)],
            reader: reader.read_up_to(message.seq, &changed_group).unwrap(),
            ada,
            group,
            ben,
            direct,
            changed_group,
            message,
        }
    }

    async fn write(&self, tx: &dyn Transaction) {
        tx.conversations().find_for_update(self.ada.id, self.group.id).await.unwrap();
        tx.users().update(&self.changed_ada).await.unwrap();
        tx.users().insert(&self.ben, &PasswordHash::restore("$plain$".to_owned())).await.unwrap();
        tx.sessions().insert(&self.session).await.unwrap();
        tx.conversations().insert(&self.direct, &self.members).await.unwrap();
        tx.messages().insert(&self.message).await.unwrap();
        tx.conversations().update(&self.changed_group).await.unwrap();
        tx.conversations().update_participant(&self.reader).await.unwrap();
    }

    /// Asserts what a reader outside any transaction sees: all of it, or nothing.
    async fn assert_seen(&self, store: &dyn Store, seen: bool) {
        let accounts = store.accounts();
        let ada = accounts.find_credentials(&self.ada.email).await.unwrap().unwrap().user;
        assert_eq!(ada, if seen { self.changed_ada.clone() } else { self.ada.clone() });
        assert_eq!(accounts.find_credentials(&self.ben.email).await.unwrap().is_some(), seen);
        assert_eq!(accounts.find_session_user(self.session.id).await.unwrap().is_some(), seen);
        let direct = store.conversations().find(self.ada.id, self.direct.id).await.unwrap();
        assert_eq!(direct.is_some(), seen);
        assert_eq!(list_all(store, self.ada.id).await.len(), if seen { 2 } else { 1 });
        assert_eq!(list_all(store, self.ben.id).await.len(), usize::from(seen));
        assert_eq!(read_all(store, self.ada.id, self.group.id).await.len(), usize::from(seen));
        let message = store.messages().find(self.ada.id, self.group.id, self.message.id).await.unwrap();
        assert_eq!(message.is_some(), seen);
        let view = store.conversations().find(self.ada.id, self.group.id).await.unwrap().unwrap();
        assert_eq!(view.conversation, if seen { self.changed_group.clone() } else { self.group.clone() });
        assert_eq!(view.last_message.is_some(), seen);
        assert_eq!(view.participants[0].last_read_seq.get(), u64::from(seen));
    }

    /// Asserts that the transaction sees what it has written.
    async fn assert_seen_within(&self, tx: &dyn Transaction) {
        assert_eq!(tx.users().find_for_update(self.ada.id).await.unwrap().as_ref(), Some(&self.changed_ada));
        assert_eq!(tx.users().find_many(&[self.ben.id]).await.unwrap(), std::slice::from_ref(&self.ben));
        let conversations = tx.conversations();
        let changed = Some(&self.changed_group);
        assert_eq!(conversations.find_for_update(self.ada.id, self.group.id).await.unwrap().as_ref(), changed);
        assert_eq!(conversations.peek(self.group.id).await.unwrap().as_ref(), changed);
        assert_eq!(conversations.find_direct(self.direct.pair.unwrap()).await.unwrap(), Some(self.direct.id));
        let reader = conversations.find_participant_for_update(self.group.id, self.ada.id).await.unwrap();
        assert_eq!(reader.as_ref(), Some(&self.reader));
        let view = conversations.find(self.ada.id, self.group.id).await.unwrap().unwrap();
        assert_eq!(view.conversation, self.changed_group);
        let page = PageRequest::first(Limit::DEFAULT);
        let list =
            conversations.list(self.ben.id, &ConversationFilter::default(), &page, Participants::First).await.unwrap();
        assert_eq!(list.items.len(), 1);
        let found = tx.messages().find(self.ada.id, self.group.id, self.message.id).await.unwrap();
        assert_eq!(found.map(|view| view.message).as_ref(), Some(&self.message));
    }
}

/// Nobody sees what is not committed but the transaction itself; everybody sees what is.
pub async fn nothing_is_seen_before_the_commit_and_all_of_it_after(store: Adapter) {
    let world = World::new(store);
    let change = Change::prepare(&world).await;
    let tx = world.begin().await;
    change.write(tx.as_ref()).await;
    change.assert_seen_within(tx.as_ref()).await;
    change.assert_seen(world.store(), false).await;
    tx.commit().await.unwrap();
    change.assert_seen(world.store(), true).await;
}

/// Dropped without a commit, it never happened, and may happen afterwards.
pub async fn without_a_commit_it_never_happened(store: Adapter) {
    let world = World::new(store);
    let change = Change::prepare(&world).await;
    let tx = world.begin().await;
    change.write(tx.as_ref()).await;
    drop(tx);
    change.assert_seen(world.store(), false).await;
    let tx = world.begin().await;
    change.write(tx.as_ref()).await;
    tx.commit().await.unwrap();
    change.assert_seen(world.store(), true).await;
}

/// A transaction that only reads, or does nothing, commits too.
pub async fn a_transaction_without_writes_commits(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    world.begin().await.commit().await.unwrap();
    let tx = world.begin().await;
    assert_eq!(tx.users().find_for_update(ada.id).await.unwrap(), Some(ada));
    tx.commit().await.unwrap();
    world.store().check().await.unwrap();
}

/// Makes a transaction fail in one of the ways that callers can bring about.
async fn fail(world: &World, change: &Change, tx: &dyn Transaction, way: usize) {
    let hash = PasswordHash::restore("$plain$".to_owned());
    let nobody = world.new_user("nobody", Role::Guest);
    let outcome = match way {
        0 => tx.users().insert(&change.ada, &hash).await,
        1 => tx.sessions().insert(&world.new_session(&nobody, 9)).await,
        2 => tx.users().update(&nobody).await,
        _ => tx.conversations().insert(&change.group, &[]).await,
    };
    assert!(!matches!(outcome, Ok(()) | Err(StoreError::TransactionOver)), "{outcome:?}");
}

/// After an error nothing of the transaction can be saved, what it did before included; the next one is not affected.
pub async fn an_error_ends_the_transaction(store: Adapter) {
    let world = World::new(store);
    let change = Change::prepare(&world).await;
    let cyd = world.new_user("cyd", Role::Guest);
    let hash = PasswordHash::restore("$plain$".to_owned());
    for way in 0..4 {
        let tx = world.begin().await;
        change.write(tx.as_ref()).await;
        fail(&world, &change, tx.as_ref(), way).await;
        assert_over("a valid insert", tx.users().insert(&cyd, &hash).await);
        assert_over("the commit", tx.commit().await);
        change.assert_seen(world.store(), false).await;
        assert_eq!(user(world.store(), cyd.id).await, None);
    }
    let tx = world.begin().await;
    change.write(tx.as_ref()).await;
    tx.commit().await.unwrap();
    change.assert_seen(world.store(), true).await;
}

/// The commit alone, straight after the error, is refused too.
pub async fn a_commit_after_an_error_is_refused(store: Adapter) {
    let world = World::new(store);
    let change = Change::prepare(&world).await;
    for way in 0..4 {
        let tx = world.begin().await;
        change.write(tx.as_ref()).await;
        fail(&world, &change, tx.as_ref(), way).await;
        assert_over("the commit", tx.commit().await);
        change.assert_seen(world.store(), false).await;
    }
}

/// Each thing that can be asked of a transaction is refused after an error, the reads included.
pub async fn after_an_error_everything_is_refused(store: Adapter) {
    let world = World::new(store);
    let change = Change::prepare(&world).await;
    let tx = world.begin().await;
    fail(&world, &change, tx.as_ref(), 0).await;

    let (ada, group) = (change.ada.id, change.group.id);
    let hash = PasswordHash::restore("$plain$".to_owned());
    let users = tx.users();
    assert_over("users.insert", users.insert(&change.ben, &hash).await);
    assert_over("users.insert_if_new", users.insert_if_new(&change.ben, &hash).await);
    assert_over("users.find_for_update", users.find_for_update(ada).await);
    assert_over("users.find_credentials_for_update", users.find_credentials_for_update(ada).await);
    assert_over("users.set_password_hash", users.set_password_hash(ada, &hash).await);
    assert_over("users.find_many", users.find_many(&[ada]).await);
    assert_over("users.find_admins_for_update", users.find_admins_for_update().await);
    assert_over("users.update", users.update(&change.changed_ada).await);

    let token = RefreshToken { expires_at: world.now(), ..change.session.refresh_token.clone() };
    let sessions = tx.sessions();
    assert_over("sessions.insert", sessions.insert(&change.session).await);
    let by = &change.session.last_use;
    assert_over("sessions.rotate", sessions.rotate(&token.hash, &token, by).await);
    assert_over("sessions.end_reused", sessions.end_reused(&token.hash, &token.family).await);
    assert_over("sessions.end", sessions.end(ada, change.session.id).await);
    assert_over("sessions.end_all", sessions.end_all(ada, None).await);
    assert_over("sessions.touch", sessions.touch(&[change.session.id], world.now()).await);
    assert_over("sessions.remove_expired", sessions.remove_expired(world.now(), 1).await);

    let (mails, now, purpose) = (tx.mails(), world.now(), TokenPurpose::VerifyEmail);
    let email = change.ada.email.clone();
    let mail = OutgoingMail { id: world.id(), kind: MailKind::Verification, email: email.clone(), created_at: now };
    let hash = MailTokenHash::new([7; 32]);
    assert_over("mails.enqueue", mails.enqueue(&mail, now).await);
    assert_over("mails.claim", mails.claim(1, now, now).await);
    let claimed = ClaimedMail { mail, attempts: 1 };
    assert_over("mails.settle", mails.settle(&claimed, &MailOutcome::Sent { at: now }).await);
    assert_over("mails.forget", mails.forget(now, now, now).await);
    let token = MailToken { hash, purpose, user_id: ada, email, expires_at: now };
    assert_over("mails.insert_token", mails.insert_token(&token).await);
    assert_over("mails.take_token", mails.take_token(&hash, purpose, now).await);
    assert_over("mails.forget_tokens", mails.forget_tokens(ada, purpose).await);

    let conversations = tx.conversations();
    let page = PageRequest::first(Limit::DEFAULT);
    assert_over("conversations.find", conversations.find(ada, group).await);
    assert_over(
        "conversations.list",
        conversations.list(ada, &ConversationFilter::default(), &page, Participants::First).await,
    );
    assert_over("conversations.insert", conversations.insert(&change.direct, &change.members).await);
    assert_over("conversations.find_for_update", conversations.find_for_update(ada, group).await);
    assert_over("conversations.peek", conversations.peek(group).await);
    assert_over("conversations.find_direct", conversations.find_direct(change.direct.pair.unwrap()).await);
    assert_over("conversations.update", conversations.update(&change.changed_group).await);
    assert_over("find_participant_for_update", conversations.find_participant_for_update(group, ada).await);
    assert_over("conversations.update_participant", conversations.update_participant(&change.reader).await);

    let messages = tx.messages();
    let reader: &dyn MessageReader = messages;
    let page = PageRequest::first(Limit::DEFAULT);
    assert_over("messages.history", reader.history(ada, group, &MessageFilter::default(), &page).await);
    assert_over("messages.find", reader.find(ada, group, change.message.id).await);
    assert_over("messages.insert", messages.insert(&change.message).await);
    assert_over("commit", tx.commit().await);
}

/// A transaction whose task is cancelled, as when a client leaves early, rolls back and lets go of its locks.
pub async fn a_cancelled_transaction_lets_go_of_its_locks(store: Adapter) {
    let world = Arc::new(World::new(store));
    let change = Arc::new(Change::prepare(&world).await);
    for _ in 0..20 {
        let (holds, held) = oneshot::channel();
        let (world_of_task, change_of_task) = (Arc::clone(&world), Arc::clone(&change));
        let task = tokio::spawn(async move {
            let tx = world_of_task.begin().await;
            change_of_task.write(tx.as_ref()).await;
            holds.send(()).unwrap();
            std::future::pending::<()>().await;
            drop(tx);
        });
        held.await.unwrap();
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        change.assert_seen(world.store(), false).await;
    }
    let tx = world.begin().await;
    change.write(tx.as_ref()).await;
    tx.commit().await.unwrap();
    change.assert_seen(world.store(), true).await;
    assert_eq!(conversation(world.store(), change.group.id).await.as_ref(), Some(&change.changed_group));
    assert_eq!(participant(world.store(), change.group.id, change.ada.id).await.as_ref(), Some(&change.reader));
}
