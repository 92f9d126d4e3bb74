//! What cases say again and again.

use std::fmt::Debug;
use std::sync::Arc;

use confab_application::ports::{
    Constraint, ConversationFilter, Limit, MessageFilter, Order, PageRequest, Participants, Position, Store, StoreError,
};
use confab_application::views::{ConversationView, MessageView};
use confab_domain::{Conversation, ConversationId, Participant, Seq, Timestamp, User, UserId};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// The constraint that something was refused by.
pub(super) fn constraint<T: Debug>(outcome: Result<T, StoreError>) -> Constraint {
    match outcome {
        Err(StoreError::Conflict(constraint)) => constraint,
        other => panic!("expected a conflict, and got {other:?}"),
    }
}

/// Asserts that something was refused, for it refers to a row that is not there.
#[track_caller]
pub(super) fn assert_dangling<T: Debug>(what: &str, outcome: Result<T, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::DanglingReference)), "{what}: {outcome:?}");
}

/// Asserts that something was refused, for its transaction is over.
#[track_caller]
pub(super) fn assert_over<T: Debug>(what: &str, outcome: Result<T, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::TransactionOver)), "{what}: {outcome:?}");
}

/// Runs so many tasks, which start together, and gives what each returned, in their order.
pub(super) async fn at_once<T, F>(count: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(count));
    let mut tasks = JoinSet::new();
    for number in 0..count {
        let (barrier, task) = (Arc::clone(&barrier), task(number));
        tasks.spawn(async move {
            barrier.wait().await;
            (number, task.await)
        });
    }
    let mut outcomes = tasks.join_all().await;
    outcomes.sort_by_key(|(number, _)| *number);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// A time, by RFC 3339.
pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// A page size.
pub(super) fn limit(items: usize) -> Limit {
    Limit::new(items).unwrap()
}

/// All that the viewer can read of a conversation, from the oldest message on, by pages of 100.
pub(super) async fn read_all(store: &dyn Store, viewer: UserId, id: ConversationId) -> Vec<MessageView> {
    let filter = MessageFilter { order: Order::OldestFirst, ..MessageFilter::default() };
    let mut all: Vec<MessageView> = Vec::new();
    loop {
        let position = all.last().map(|view| Position::After(view.message.seq));
        let page = PageRequest { limit: limit(Limit::MAX), position };
        let page = store.messages().history(viewer, id, &filter, &page).await.unwrap().unwrap();
        all.extend(page.items);
        if !page.has_next {
            return all;
        }
    }
}

/// The viewer's first 100 conversations.
pub(super) async fn list_all(store: &dyn Store, viewer: UserId) -> Vec<ConversationView> {
    let page = PageRequest::first(limit(Limit::MAX));
    store.conversations().list(viewer, &ConversationFilter::default(), &page, Participants::First).await.unwrap().items
}

/// Asserts that messages are numbered from 1 without a gap.
#[track_caller]
pub(super) fn assert_gap_free(seqs: impl IntoIterator<Item = Seq>, count: usize) {
    let seqs: Vec<u64> = seqs.into_iter().map(Seq::get).collect();
    assert_eq!(seqs, (1..=count as u64).collect::<Vec<_>>());
}

/// The conversation, as its row is now.
pub(super) async fn conversation(store: &dyn Store, id: ConversationId) -> Option<Conversation> {
    store.begin().await.unwrap().conversations().peek(id).await.unwrap()
}

/// The participant, as the row is now.
pub(super) async fn participant(store: &dyn Store, id: ConversationId, user: UserId) -> Option<Participant> {
    store.begin().await.unwrap().conversations().find_participant_for_update(id, user).await.unwrap()
}

/// The user, as the row is now.
pub(super) async fn user(store: &dyn Store, id: UserId) -> Option<User> {
    store.begin().await.unwrap().users().find_for_update(id).await.unwrap()
}
