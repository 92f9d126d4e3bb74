//! What cannot be beside what is there, or without what is not.

use confab_application::ports::{Constraint, StoreError};
use confab_domain::{
    AuditEntry, AuditKind, Block, Change, ClientMessageId, Conversation, ConversationState, DirectPair, Draft,
    EmailAddress, Event, EventState, MailKind, MailToken, MailTokenHash, Membership, Message, MessageState, Origin,
    OutgoingMail, Participant, PasswordHash, Report, ReportReason, Role, Session, TokenPurpose, User, UserState,
};

use super::expect::{assert_dangling, constraint};
use crate::Adapter;
use crate::testing::World;

/// Rows of every kind.
struct Rows {
    ada: User,
    ben: User,
    session: Session,
    other_session: Session,
    direct: Conversation,
    group: Conversation,
    message: Message,
    event: Event,
    entry: AuditEntry,
    report: Report,
}

impl Rows {
    async fn stored(world: &World) -> Self {
        let (ada, ben) = (world.host("ada").await, world.host("ben").await);
        let (session, other_session) = (world.new_session(&ada, 1), world.new_session(&ben, 2));
        let direct = world.direct(&ada, &ben).await;
        let group = world.group(&[&ada, &ben]).await;
        let draft = Draft { client_message_id: ClientMessageId::parse("key").ok(), ..world.draft(&ada, "x") };
        let (_, message) = group.post(draft, world.now());
        let tx = world.begin().await;
        tx.sessions().insert(&session).await.unwrap();
        tx.sessions().insert(&other_session).await.unwrap();
        tx.messages().insert(&message).await.unwrap();
        let (_, event) = group.record(ada.id, Change::OwnerChanged { user_id: ada.id }, world.now());
        tx.events().append(&event).await.unwrap();
        let entry = world.app.audit_entry(AuditKind::LoggedIn, Some(ada.id), &Origin::default());
        tx.audit().append(&entry).await.unwrap();
        let report = Report::create(world.id(), &message, ben.id, ReportReason::Spam, None, world.now());
        tx.reports().insert(&report).await.unwrap();
        tx.commit().await.unwrap();
        Self { ada, ben, session, other_session, direct, group, message, event, entry, report }
    }

    /// A message that clashes with none.
    fn new_message(&self, world: &World) -> MessageState {
        let state = MessageState { id: world.id(), client_message_id: None, ..MessageState::clone(&self.message) };
        MessageState { seq: state.seq.next(), version: state.version.next(), ..state }
    }
}

/// Breaks a constraint, and no other, in as many ways as there are; each in a transaction of its own.
async fn break_it(world: &World, rows: &Rows, broken: Constraint) -> Vec<Result<(), StoreError>> {
    let hash = PasswordHash::restore("$plain$".to_owned());
    let later = world.now().plus_seconds(1);
    let insert_user = async |state| world.begin().await.users().insert(&User::restore(state), &hash).await;
    let insert_conversation = async |conversation: &Conversation, participants: &[Participant]| {
        world.begin().await.conversations().insert(conversation, participants).await
    };
    let insert_message = async |state| world.begin().await.messages().insert(&Message::restore(state).unwrap()).await;
    match broken {
        Constraint::AuditEntryId => {
            vec![world.begin().await.audit().append(&rows.entry).await]
        }
        Constraint::UserId => {
            let user = world.new_user("cyd", Role::Guest);
            vec![insert_user(UserState { id: rows.ada.id, ..UserState::clone(&user) }).await]
        }
        Constraint::UserEmail => {
            let user = world.new_user("cyd", Role::Guest);
            let email = EmailAddress::parse("ADA@Example.org").unwrap();
            let user = UserState { email, ..UserState::clone(&user) };
            let ben = User::restore(UserState { email: user.email.clone(), ..UserState::clone(&rows.ben) });
            vec![insert_user(user).await, world.begin().await.users().update(&ben).await]
        }
        Constraint::Block => {
            let block = Block { blocker_id: rows.ada.id, blocked_id: rows.ben.id, since: later };
            let tx = world.begin().await;
            tx.blocks().insert(&block).await.unwrap();
            vec![tx.blocks().insert(&Block { since: world.now(), ..block }).await]
        }
        Constraint::SessionId => {
            let session = Session { id: rows.session.id, ..world.new_session(&rows.ben, 3) };
            vec![world.begin().await.sessions().insert(&session).await]
        }
        Constraint::RefreshToken => {
            let token = rows.session.refresh_token.clone();
            let session = Session { refresh_token: token.clone(), ..world.new_session(&rows.ben, 3) };
            let tx = world.begin().await;
            let rotated =
                tx.sessions().rotate(&rows.other_session.refresh_token.hash, &token, &rows.session.last_use).await;
            drop(tx);
            vec![world.begin().await.sessions().insert(&session).await, rotated.map(|_| ())]
        }
        Constraint::ConversationId => {
            let again = Conversation::create_group(rows.direct.id, rows.ben.id, None, 1, later);
            vec![insert_conversation(&again, &[]).await]
        }
        Constraint::DirectPair => {
            let pair = DirectPair::new(rows.ben.id, rows.ada.id).unwrap();
            let again = Conversation::start_direct(world.id(), rows.ben.id, pair, later);
            vec![insert_conversation(&again, &[]).await]
        }
        Constraint::Participant => {
            let group = Conversation::create_group(world.id(), rows.ada.id, None, 1, later);
            let owner = Participant::join(&group, rows.ada.id, Membership::Owner, later);
            let member = Participant::join(&group, rows.ada.id, Membership::Member, later);
            vec![insert_conversation(&group, &[owner, member]).await]
        }
        Constraint::MessageId => {
            vec![insert_message(MessageState { id: rows.message.id, ..rows.new_message(world) }).await]
        }
        Constraint::MessageSeq => {
            vec![insert_message(MessageState { seq: rows.message.seq, ..rows.new_message(world) }).await]
        }
        Constraint::ClientMessageId => {
            let client_message_id = rows.message.client_message_id.clone();
            vec![insert_message(MessageState { client_message_id, ..rows.new_message(world) }).await]
        }
        Constraint::MailId => {
            let email = rows.ben.email.clone();
            let kind = MailKind::PasswordReset;
            let mail = OutgoingMail { id: world.id(), kind, email: rows.ada.email.clone(), created_at: world.now() };
            let tx = world.begin().await;
            tx.mails().enqueue(&mail, world.now()).await.unwrap();
            vec![tx.mails().enqueue(&OutgoingMail { email, ..mail }, world.now()).await]
        }
        // One that is there takes the place of another.
        Constraint::MailKind => Vec::new(),
        Constraint::MailToken => {
            let (purpose, email) = (TokenPurpose::VerifyEmail, rows.ada.email.clone());
            let hash = MailTokenHash::new([7; 32]);
            let token = MailToken { hash, purpose, user_id: rows.ada.id, email, expires_at: later };
            let tx = world.begin().await;
            tx.mails().insert_token(&token).await.unwrap();
            let another = MailToken { user_id: rows.ben.id, purpose: TokenPurpose::ResetPassword, ..token };
            vec![tx.mails().insert_token(&another).await]
        }
        Constraint::ReportId => {
            let again = Report { reporter_id: rows.ada.id, ..rows.report.clone() };
            vec![world.begin().await.reports().insert(&again).await]
        }
        Constraint::Report => {
            let again = Report { id: world.id(), reason: ReportReason::Other, ..rows.report.clone() };
            vec![world.begin().await.reports().insert(&again).await]
        }
        Constraint::EventVersion => {
            let change = Change::OwnerChanged { user_id: rows.ben.id };
            let again = EventState { change, ..EventState::clone(&rows.event) };
            vec![world.begin().await.events().append(&Event::restore(again).unwrap()).await]
        }
    }
}

/// Each unique constraint refuses what breaks it, and says which it is.
pub async fn each_constraint_is_told_by_its_name(store: Adapter) {
    let world = World::new(store);
    let rows = Rows::stored(&world).await;
    for broken in Constraint::ALL {
        for outcome in break_it(&world, &rows, broken).await {
            assert_eq!(constraint(outcome), broken);
        }
    }
    // No constraint forbids this, so that none of the above was refused for another reason.
    let tx = world.begin().await;
    tx.messages().insert(&Message::restore(rows.new_message(&world)).unwrap()).await.unwrap();
    tx.commit().await.unwrap();
}

/// What looks alike and is not forbidden: each constraint is no wider than its name says.
pub async fn constraints_forbid_no_more_than_they_say(store: Adapter) {
    let world = World::new(store);
    let rows = Rows::stored(&world).await;
    let tx = world.begin().await;
    let insert = async |state| tx.messages().insert(&Message::restore(state).unwrap()).await.unwrap();
    let key = rows.message.client_message_id.clone();
    let next = rows.new_message(&world);
    insert(MessageState { sender_id: rows.ben.id, client_message_id: key.clone(), ..next.clone() }).await;
    insert(MessageState { id: world.id(), seq: next.seq.next(), version: next.version.next(), ..next.clone() }).await;
    let elsewhere = MessageState { id: world.id(), conversation_id: rows.direct.id, ..next };
    insert(MessageState { seq: rows.message.seq, client_message_id: key, ..elsewhere }).await;
    let same = ConversationState { id: world.id(), ..ConversationState::clone(&rows.group) };
    let same = Conversation::restore(same).unwrap();
    let members = [&rows.ada, &rows.ben].map(|user| Participant::join(&same, user.id, Membership::Member, world.now()));
    tx.conversations().insert(&same, &members).await.unwrap();
    for (one, other) in [(&rows.ada, &rows.ben), (&rows.ben, &rows.ada)] {
        let block = Block { blocker_id: one.id, blocked_id: other.id, since: world.now() };
        tx.blocks().insert(&block).await.unwrap();
    }
    tx.sessions().insert(&world.new_session(&rows.ada, 4)).await.unwrap();
    tx.users().update(&rows.ada).await.unwrap();
    let token = rows.session.refresh_token.clone();
    assert!(tx.sessions().rotate(&token.hash, &token, &rows.session.last_use).await.unwrap().is_some());
    tx.commit().await.unwrap();
}

/// Rows that refer to others cannot be without them.
pub async fn a_reference_to_nothing_is_refused(store: Adapter) {
    let world = World::new(store);
    let rows = Rows::stored(&world).await;
    let nobody = world.new_user("nobody", Role::Host);
    let nowhere = Conversation::create_group(world.id(), rows.ada.id, None, 1, world.now());
    let insert = async |conversation: &Conversation, participants: &[Participant]| {
        world.begin().await.conversations().insert(conversation, participants).await
    };
    let join = |conversation: &Conversation, user: &User| {
        Participant::join(conversation, user.id, Membership::Member, world.now())
    };

    let session = world.begin().await.sessions().insert(&world.new_session(&nobody, 3)).await;
    assert_dangling("a session's user", session);

    let (hash, purpose) = (MailTokenHash::new([7; 32]), TokenPurpose::VerifyEmail);
    let email = nobody.email.clone();
    let token = MailToken { hash, purpose, user_id: nobody.id, email, expires_at: world.now() };
    for (blocker, blocked) in [(&rows.ada, &nobody), (&nobody, &rows.ada)] {
        let block = Block { blocker_id: blocker.id, blocked_id: blocked.id, since: world.now() };
        assert_dangling("a block's user", world.begin().await.blocks().insert(&block).await);
    }
    assert_dangling("a token's user", world.begin().await.mails().insert_token(&token).await);

    let created = Conversation::create_group(world.id(), nobody.id, None, 1, world.now());
    assert_dangling("a conversation's creator", insert(&created, &[]).await);
    for pair in [(&rows.ada, &nobody), (&nobody, &rows.ada)] {
        let pair = DirectPair::new(pair.0.id, pair.1.id).unwrap();
        let direct = Conversation::start_direct(world.id(), rows.ada.id, pair, world.now());
        assert_dangling("one of a pair", insert(&direct, &[]).await);
    }

    let group = Conversation::create_group(world.id(), rows.ada.id, None, 1, world.now());
    let members = [join(&group, &rows.ada), join(&group, &nobody)];
    assert_dangling("a participant's user", insert(&group, &members).await);
    assert_dangling("a participant's conversation", insert(&group, &[join(&nowhere, &rows.ada)]).await);

    for (what, state) in [
        ("a message's sender", MessageState { sender_id: nobody.id, ..rows.new_message(&world) }),
        ("a message's conversation", MessageState { conversation_id: nowhere.id, ..rows.new_message(&world) }),
    ] {
        let message = Message::restore(state).unwrap();
        assert_dangling(what, world.begin().await.messages().insert(&message).await);
    }
    let report = Report { id: world.id(), reporter_id: rows.ada.id, ..rows.report.clone() };
    for (what, report) in [
        ("a report's reporter", Report { reporter_id: nobody.id, ..report.clone() }),
        ("a report's sender", Report { sender_id: nobody.id, ..report.clone() }),
        ("a report's message", Report { message_id: world.id(), ..report.clone() }),
        ("a report's conversation", Report { conversation_id: nowhere.id, ..report.clone() }),
        ("a report's admin", Report { handled: Some((nobody.id, world.now())), ..report }),
    ] {
        assert_dangling(what, world.begin().await.reports().insert(&report).await);
    }
    let next = EventState { version: rows.event.version.next(), ..EventState::clone(&rows.event) };
    for (what, state) in [
        ("an event's actor", EventState { actor_id: nobody.id, ..next.clone() }),
        ("an event's conversation", EventState { conversation_id: nowhere.id, ..next.clone() }),
    ] {
        let event = Event::restore(state).unwrap();
        assert_dangling(what, world.begin().await.events().append(&event).await);
    }
}

/// An update of a row that is not there is [`StoreError::Internal`], for whoever updates has found it before.
pub async fn an_update_of_nothing_is_refused(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada]).await;
    let nowhere = Conversation::create_group(world.id(), ada.id, None, 1, world.now());
    let not_in_it = Participant::join(&group, ben.id, Membership::Member, world.now());
    let nobody = world.new_user("nobody", Role::Host);
    let user = world.begin().await.users().update(&nobody).await;
    let hash = PasswordHash::restore("$plain$".to_owned());
    let password = world.begin().await.users().set_password_hash(nobody.id, &hash).await;
    let conversation = world.begin().await.conversations().update(&nowhere).await;
    let participant = world.begin().await.conversations().update_participant(&not_in_it).await;
    let (_, message) = group.post(world.draft(&ada, "x"), world.now());
    let report = Report::create(world.id(), &message, ben.id, ReportReason::Spam, None, world.now());
    let report = world.begin().await.reports().update(&report).await;
    for (what, outcome) in [
        ("user", user),
        ("password", password),
        ("conversation", conversation),
        ("participant", participant),
        ("report", report),
    ] {
        assert!(matches!(outcome, Err(StoreError::Internal(_))), "{what}: {outcome:?}");
    }
}
