//! The statements of every read.

use std::sync::Arc;

use confab_application::conversations::{self, Grounds};
use confab_application::messages::{MessageEdit, PayloadEdit, Precondition, edit as edit_message};
use confab_application::participants;
use confab_application::ports::{
    ActivityKey, ConversationFilter, Limit, MessageFilter, MessageSearch, Muted, Order, Page, PageRequest,
    Participants, Position, ReportFilter, UserFilter,
};
use confab_domain::{
    Change, ConversationId, ConversationKind, EmailAddress, ReportState, SearchTerms, Seq, Session, User, Version,
};
use confab_store_contract::testing::World;
use sea_orm::prelude::Uuid;

use crate::log::{counted, counted_up_to};
use crate::support::Place;

/// Asserts the number of statements of every read, of little and of much; returns the statements.
pub async fn reads(place: &impl Place) -> Vec<String> {
    let store = place.store().await;
    // A page, and the users to whom it refers: SQLite reads them in one statement.
    let with_users = if store.backend() == "sqlite" { 1 } else { 2 };
    let world = World::new(Arc::new(store));
    let (little, much) = (Content::new(&world, "little", 2).await, Content::new(&world, "much", 100).await);
    let mut statements = Vec::new();
    for (content, items) in [(little, 2), (much, 100)] {
        statements.extend(content.reads(&world, items, with_users).await);
        statements.extend(left(&world, items, with_users).await);
    }
    statements
}

/// What a user can see: so many conversations of so many, with so many messages in the last one.
struct Content {
    viewer: User,
    session: Session,
    conversation: ConversationId,
}

impl Content {
    async fn new(world: &World, name: &str, items: usize) -> Self {
        let viewer = world.host(name).await;
        let mut others = Vec::new();
        for number in 0..items {
            others.push(world.host(&format!("{name}{number}")).await);
        }
        let everyone: Vec<&User> = [&viewer].into_iter().chain(&others).collect();
        let mut conversation = None;
        for _ in 0..items {
            let group = world.group_named(Some("Engines"), &everyone).await;
            world.post(group.id, &viewer, &["newest"]).await;
            conversation = Some(group.id);
        }
        let conversation = conversation.unwrap();
        world.post(conversation, &viewer, &vec!["more"; items - 1]).await;
        for _ in 0..items {
            let user_ids = others.iter().map(|other| other.id).collect();
            world.record(conversation, &viewer, Change::ParticipantsAdded { user_ids }).await;
        }
        for other in &others {
            conversations::mark_read(&world.app, &world.viewer(other), conversation, items as i64).await.unwrap();
        }
        let session = world.new_session(&viewer, u8::try_from(items).unwrap());
        let tx = world.begin().await;
        tx.sessions().insert(&session).await.unwrap();
        tx.commit().await.unwrap();
        Self { viewer, session, conversation }
    }

    async fn reads(&self, world: &World, items: usize, with_users: usize) -> Vec<String> {
        let (store, me) = (world.store(), self.viewer.id);
        let mut log = Vec::new();
        let email: &EmailAddress = &self.viewer.email;
        log.extend(counted(1, store.accounts().find_credentials(email)).await.1);
        log.extend(counted(1, store.accounts().find_session_user(self.session.id)).await.1);
        let page = PageRequest::first(Limit::new(items).unwrap());
        let filters = [
            UserFilter::default(),
            UserFilter {
                role: Some(self.viewer.role),
                suspended: Some(false),
                email_contains: Some("example".to_owned()),
                ..UserFilter::default()
            },
        ];
        for filter in filters {
            for position in [None, Some(Position::After(me)), Some(Position::Before(me))] {
                let page = PageRequest { position, ..page };
                log.extend(counted(1, store.accounts().list(&filter, &page)).await.1);
            }
        }
        let page = PageRequest::first(Limit::new(items).unwrap());
        log.extend(counted(1, store.audit().list(me, &page)).await.1);
        for state in [None, Some(ReportState::Open)] {
            for position in [None, Some(Position::After(world.id())), Some(Position::Before(world.id()))] {
                let page = PageRequest { limit: Limit::new(items).unwrap(), position };
                log.extend(counted(1, store.reports().list(ReportFilter { state }, &page)).await.1);
            }
        }
        let (view, statements) = counted(3, store.conversations().find(me, self.conversation)).await;
        assert_eq!(view.unwrap().participants.len(), items + 1);
        log.extend(statements);

        let limit = Limit::new(items).unwrap();
        let all = ConversationFilter::default();
        let some = ConversationFilter {
            participant_id: Some(me),
            kind: Some(ConversationKind::Group),
            title_contains: Some("gin".to_owned()),
            unread: Some(false),
            archived: Some(false),
            pinned: Some(false),
            muted: Some(Muted { wanted: false, at: world.now() }),
            updated_since: Some(world.now()),
        };
        for filter in [all, some] {
            let (page, statements) =
                counted(3, store.conversations().list(me, &filter, &PageRequest::first(limit), Participants::First))
                    .await;
            assert_eq!(page.items.len(), items);
            log.extend(statements);
            let first = PageRequest::first(limit);
            log.extend(counted(1, store.conversations().list(me, &filter, &first, Participants::None)).await.1);
            log.extend(counted(1, store.conversations().count(me, &filter, 100)).await.1);
            let key = ActivityKey::of(&page.items[1].conversation);
            for position in [Position::After(key), Position::Before(key)] {
                let page = PageRequest { limit, position: Some(position) };
                log.extend(
                    counted_up_to(3, store.conversations().list(me, &filter, &page, Participants::First)).await.1,
                );
            }
        }

        let all = MessageFilter::default();
        let some = MessageFilter {
            order: Order::OldestFirst,
            sender_id: Some(me),
            sent_from: Some(world.now()),
            sent_before: Some(world.now().plus_seconds(1)),
            ..all.clone()
        };
        for filter in [all, some] {
            let first = PageRequest::first(limit);
            let history = store.messages().history(me, self.conversation, &filter, &first);
            // SQLite looks first how much the sender has said.
            let looks_first = usize::from(with_users == 1 && filter.sender_id.is_some());
            let (page, statements) = counted(with_users + looks_first, history).await;
            let page: Page<_> = page.unwrap();
            assert_eq!(page.items.len(), items);
            log.extend(statements);
            let seq = page.items[1].message.seq;
            for position in [Position::After(seq), Position::Before(seq)] {
                let page = PageRequest { limit, position: Some(position) };
                // The last page is empty, and the viewer then looked for.
                let history = store.messages().history(me, self.conversation, &filter, &page);
                log.extend(counted_up_to(2 + looks_first, history).await.1);
            }
            let id = page.items[0].message.id;
            log.extend(counted(with_users, store.messages().find(me, self.conversation, id)).await.1);
            let readers = PageRequest::first(limit);
            let (page, statements) = counted(1, store.messages().readers(me, self.conversation, id, &readers)).await;
            assert_eq!(page.unwrap().items.len(), items);
            log.extend(statements);
        }
        // The events with the scope, the messages, and the users.
        for after in [items as i64 / 2, items as i64 - 1] {
            let after = Version::parse(after).unwrap();
            let (found, statements) = counted(3, store.events().after(me, self.conversation, after, limit)).await;
            assert!(found.unwrap().entries.len() >= items / 2);
            log.extend(statements);
        }
        log.extend(counted(1, store.conversations().count_all_unread(me, world.now())).await.1);
        for kind in [None, Some(ConversationKind::Group)] {
            let unread = ConversationFilter { unread: Some(true), kind, ..ConversationFilter::default() };
            let first = PageRequest::first(limit);
            let list = store.conversations().list(me, &unread, &first, Participants::None);
            log.extend(counted(1, list).await.1);
            log.extend(counted(1, store.conversations().count(me, &unread, 100)).await.1);
        }
        let standing = store.conversations().standing(me, self.conversation);
        log.extend(counted(1, standing).await.1);
        let first = PageRequest::first(limit);
        let participants = store.conversations().participants(me, self.conversation, None, &first);
        let (page, statements) = counted(with_users, participants).await;
        assert_eq!(page.unwrap().items.len(), items);
        log.extend(statements);
        for conversation_id in [None, Some(self.conversation)] {
            let terms = SearchTerms::parse(["more"]).unwrap();
            let search =
                MessageSearch { terms, sender_id: Some(me), conversation_id, sent_from: None, sent_before: None };
            let first = PageRequest::first(Limit::new(items - 1).unwrap());
            let (page, statements) = counted(with_users, store.search().candidates(me, &search, &first)).await;
            assert_eq!(page.items.len(), items - 1);
            log.extend(statements);
        }
        counted(2, store.check()).await;
        log.extend(self.copy(world, items).await);
        log
    }

    /// What a copy of somebody's data reads.
    async fn copy(&self, world: &World, items: usize) -> Vec<String> {
        let (me, limit) = (self.viewer.id, Limit::new(items).unwrap());
        let (export, page) = (world.store().export(), PageRequest::first(limit));
        let mut log = counted(1, world.store().sessions().list(me, world.now(), &page)).await.1;
        let (places, statements) = counted(1, export.places(me, Some(ConversationId::from(Uuid::nil())), limit)).await;
        assert_eq!(places.len(), items);
        log.extend(statements);
        log.extend(counted(1, export.former_places(me, Some(self.conversation), limit)).await.1);
        let own = export.own_messages(me, self.conversation, Seq::ZERO, Seq::MAX, limit);
        let (own, statements) = counted(1, own).await;
        assert_eq!(own.len(), items);
        log.extend(statements);
        let id = own[0].id;
        log.extend(counted(1, export.own_revisions(me, id, Version::ZERO, limit)).await.1);
        log.extend(counted(1, export.own_reactions(me, Some((id, Version::ZERO)), limit)).await.1);
        log.extend(counted(1, export.hidden_messages(me, Some(id), limit)).await.1);
        log.extend(counted(1, export.mails_to(&self.viewer.email)).await.1);
        log.extend(counted(1, world.store().conversations().list_to_leave(me, limit)).await.1);
        log
    }
}

/// What is read of a conversation that the viewer has left, and of which every message was edited since: what they said then is
/// in the statement that reads them.
async fn left(world: &World, items: usize, with_users: usize) -> Vec<String> {
    let (ada, ben) = (world.host(&format!("stays{items}")).await, world.host(&format!("leaves{items}")).await);
    let group = world.group(&[&ada, &ben]).await.id;
    let messages = world.post(group, &ada, &vec!["said"; items]).await;
    let leaver = world.viewer(&ben);
    participants::remove(&world.app, &leaver, group, ben.id, &Grounds::default()).await.unwrap();
    for message in &messages {
        let edit = MessageEdit { body: Some("edited".to_owned()), payload: PayloadEdit::Keep };
        edit_message(&world.app, &world.viewer(&ada), group, message.id, &Precondition::Any, edit).await.unwrap();
    }
    let former = world.store().former_history();
    let first = PageRequest::first(Limit::new(items).unwrap());
    let all = MessageFilter::default();
    let (page, mut log) = counted(with_users, former.history(ben.id, group, &all, &first)).await;
    assert!(page.unwrap().items.iter().all(|view| view.message.body() == "said"));
    let (id, seq) = (messages[0].id, messages[1].seq);
    for position in [Position::After(seq), Position::Before(seq)] {
        let page = PageRequest { position: Some(position), ..first };
        log.extend(counted_up_to(2, former.history(ben.id, group, &all, &page)).await.1);
    }
    log.extend(counted(with_users, former.find(ben.id, group, id)).await.1);
    log.extend(counted_up_to(4, former.around(ben.id, group, &all, seq, first.limit)).await.1);
    let first = PageRequest::first(Limit::MAX_PAGE);
    log.extend(counted(1 + with_users, former.revisions(ben.id, group, id, &first)).await.1);
    log
}
