//! Viewers see nothing that is not theirs.

use confab_application::ports::{
    ConversationFilter, ConversationReader, Limit, MessageFilter, MessageReader, Order, PageRequest, Participants,
    Position,
};
use confab_domain::{Conversation, ConversationKind, Message, Seq, User, UserId};

use crate::Adapter;
use crate::testing::World;

/// Ada and Ben have a group and a direct conversation; Eve has a group with Ben.
struct Scene {
    ada: User,
    ben: User,
    eve: User,
    theirs: [(Conversation, Message); 2],
    eves: Conversation,
}

impl Scene {
    async fn stored(world: &World) -> Self {
        let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.host("eve").await);
        let group = world.group_named(Some("Secret plan"), &[&ada, &ben]).await;
        let direct = world.direct(&ada, &ben).await;
        let eves = world.group_named(Some("Eve's plan"), &[&eve, &ben]).await;
        let mut theirs = Vec::new();
        for conversation in [group, direct] {
            let message = world.post(conversation.id, &ada, &["secret"]).await.remove(0);
            theirs.push((conversation, message));
        }
        world.post(eves.id, &ben, &["hello"]).await;
        let Ok(theirs) = <[_; 2]>::try_from(theirs) else { unreachable!() };
        Self { ada, ben, eve, theirs, eves }
    }

    /// Asserts that someone sees nothing of Ada's and Ben's.
    async fn assert_hidden(
        &self,
        viewer: UserId,
        conversations: &dyn ConversationReader,
        messages: &dyn MessageReader,
    ) {
        for (conversation, message) in &self.theirs {
            assert_eq!(conversations.find(viewer, conversation.id).await.unwrap(), None);
            assert_eq!(messages.find(viewer, conversation.id, message.id).await.unwrap(), None);
            assert_eq!(messages.find(viewer, self.eves.id, message.id).await.unwrap(), None);
            for position in [None, Some(Position::After(Seq::ZERO)), Some(Position::Before(Seq::MAX))] {
                for order in [Order::NewestFirst, Order::OldestFirst] {
                    let filter = MessageFilter { order, ..MessageFilter::default() };
                    let page = PageRequest { limit: Limit::DEFAULT, position };
                    assert_eq!(messages.history(viewer, conversation.id, &filter, &page).await.unwrap(), None);
                }
            }
        }
        let (group, direct) = (Some(ConversationKind::Group), Some(ConversationKind::Direct));
        for participant_id in [None, Some(self.ada.id), Some(self.ben.id), Some(viewer)] {
            for kind in [None, group, direct] {
                for title_contains in [None, Some("plan".to_owned()), Some("secret".to_owned())] {
                    let filter =
                        ConversationFilter { participant_id, kind, title_contains, ..ConversationFilter::default() };
                    let page = PageRequest::first(Limit::DEFAULT);
                    let list = conversations.list(viewer, &filter, &page, Participants::First).await.unwrap();
                    let own = list.items.iter().all(|view| view.conversation.id == self.eves.id);
                    assert!(own, "{filter:?}: {list:?}");
                }
            }
        }
    }
}

/// Someone who is in none of them, be it a user or nobody at all, sees nothing of other people's conversations.
pub async fn a_stranger_sees_nothing_of_a_conversation(store: Adapter) {
    let world = World::new(store);
    let scene = Scene::stored(&world).await;
    for viewer in [scene.eve.id, world.id()] {
        scene.assert_hidden(viewer, world.store().conversations(), world.store().messages()).await;
        let tx = world.begin().await;
        scene.assert_hidden(viewer, tx.conversations(), tx.messages()).await;
    }
}

/// A conversation is found for update by those who are in it, and by nobody else.
pub async fn a_stranger_finds_nothing_for_update(store: Adapter) {
    let world = World::new(store);
    let scene = Scene::stored(&world).await;
    let tx = world.begin().await;
    for (conversation, _) in &scene.theirs {
        for (viewer, takes_part) in
            [(scene.ada.id, true), (scene.ben.id, true), (scene.eve.id, false), (world.id(), false)]
        {
            let found = tx.conversations().find_for_update(viewer, conversation.id).await.unwrap();
            assert_eq!(found.map(|found| found.id), takes_part.then_some(conversation.id), "{viewer}");
        }
    }
    let found = tx.conversations().find_for_update(scene.eve.id, scene.eves.id).await.unwrap();
    assert_eq!(found.map(|found| found.id), Some(scene.eves.id));
    assert_eq!(tx.conversations().find_for_update(scene.eve.id, world.id()).await.unwrap(), None);
    tx.commit().await.unwrap();
}

/// Someone who is in some of them sees those and no other, though their people are the same.
pub async fn a_filter_by_participant_shows_only_shared_conversations(store: Adapter) {
    let world = World::new(store);
    let scene = Scene::stored(&world).await;
    let page = PageRequest::first(Limit::DEFAULT);
    for (viewer, participant, count) in [
        (&scene.eve, &scene.ben, 1),
        (&scene.eve, &scene.ada, 0),
        (&scene.ada, &scene.eve, 0),
        (&scene.ada, &scene.ben, 2),
        (&scene.ben, &scene.eve, 1),
        (&scene.ben, &scene.ben, 3),
    ] {
        let filter = ConversationFilter { participant_id: Some(participant.id), ..ConversationFilter::default() };
        let list = world.store().conversations().list(viewer.id, &filter, &page, Participants::First).await.unwrap();
        assert_eq!(list.items.len(), count, "{viewer:?} {participant:?}");
    }
}

/// A participant sees it all: so that what strangers do not see is there to be seen.
pub async fn a_participant_sees_the_conversation(store: Adapter) {
    let world = World::new(store);
    let scene = Scene::stored(&world).await;
    let page = PageRequest::first(Limit::DEFAULT);
    for viewer in [&scene.ada, &scene.ben] {
        for (conversation, message) in &scene.theirs {
            let view = world.store().conversations().find(viewer.id, conversation.id).await.unwrap().unwrap();
            assert_eq!(view.participants.len(), 2);
            let found = world.store().messages().find(viewer.id, conversation.id, message.id).await.unwrap();
            assert_eq!(found.map(|view| view.message).as_ref(), Some(message));
            let filter = MessageFilter::default();
            let history = world.store().messages().history(viewer.id, conversation.id, &filter, &page).await.unwrap();
            assert_eq!(history.unwrap().items[0].message, *message);
        }
    }
}
