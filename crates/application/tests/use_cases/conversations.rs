//! Reading conversations, and how far one has read.

use confab_application::conversations::{NESTED_MESSAGES, ReadState, get, list, mark_read};
use confab_application::ports::{ConversationFilter, Limit, PageRequest, Participants};
use confab_application::{Error, Resource};
use confab_domain::{ConversationId, Seq, UnreadCount};

use crate::{fault, faults, world};

#[tokio::test]
async fn a_conversation_comes_with_its_newest_messages_from_the_newest_on() {
    let world = world();
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await;
    let posted = world.post(group.id, &ben, &["x"; NESTED_MESSAGES + 1]).await;
    let (view, messages) = get(&world.app, &world.viewer(&ada), group.id).await.unwrap();
    assert_eq!((view.participants.len(), view.unread.count), (2, NESTED_MESSAGES as u64 + 1));
    let shown: Vec<_> = messages.into_iter().map(|view| view.message).collect();
    let newest: Vec<_> = posted.into_iter().rev().take(NESTED_MESSAGES).collect();
    assert_eq!(shown, newest);
}

#[tokio::test]
async fn a_stranger_cannot_tell_a_conversation_from_none() {
    let world = world();
    let (ada, eve) = (world.host("ada").await, world.host("eve").await);
    let group = world.group(&[&ada]).await;
    world.post(group.id, &ada, &["x"]).await;
    let viewer = world.viewer(&eve);
    for id in [group.id, world.id::<ConversationId>()] {
        let read = get(&world.app, &viewer, id).await.map(|_| ());
        let marked = mark_read(&world.app, &viewer, id, 1).await.map(|_| ());
        let beyond = mark_read(&world.app, &viewer, id, 9).await.map(|_| ());
        for outcome in [read, marked, beyond] {
            assert!(matches!(outcome, Err(Error::NotFound(Resource::Conversation))), "{outcome:?}");
        }
    }
}

#[tokio::test]
async fn one_lists_one_s_own() {
    let world = world();
    let (ada, eve) = (world.host("ada").await, world.host("eve").await);
    let group = world.group(&[&ada]).await;
    world.group(&[&eve]).await;
    let page = PageRequest::first(Limit::DEFAULT);
    let found = list(&world.app, &world.viewer(&ada), &ConversationFilter::default(), &page, Participants::First)
        .await
        .unwrap();
    assert_eq!(found.items.iter().map(|view| view.conversation.id).collect::<Vec<_>>(), [group.id]);
}

#[tokio::test]
async fn reading_goes_forward_only() {
    let world = world();
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await;
    world.post(group.id, &ben, &["x"; 5]).await;
    let viewer = world.viewer(&ada);
    for (seq, last_read_seq, unread_count) in [(0, 0, 5), (3, 3, 2), (2, 3, 2), (3, 3, 2), (5, 5, 0), (0, 5, 0)] {
        let state = mark_read(&world.app, &viewer, group.id, seq).await.unwrap();
        let last_read_seq = Seq::parse(last_read_seq).unwrap();
        let unread = UnreadCount { count: unread_count, is_capped: false };
        assert_eq!(state, ReadState { last_read_seq, last_delivered_seq: last_read_seq, unread }, "{seq}");
        let (view, _) = get(&world.app, &viewer, group.id).await.unwrap();
        assert_eq!((view.participants[0].last_read_seq, view.unread), (last_read_seq, unread));
    }
}

#[tokio::test]
async fn nobody_reads_beyond_the_end() {
    let world = world();
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await;
    world.post(group.id, &ben, &["x"; 5]).await;
    let viewer = world.viewer(&ada);
    for seq in [6, i64::MAX, -1, i64::MIN] {
        assert_eq!(faults(mark_read(&world.app, &viewer, group.id, seq).await), [fault("seq", "out_of_range")]);
    }
    assert_eq!(get(&world.app, &viewer, group.id).await.unwrap().0.unread.count, 5);
}
