//! What an admin reads of a conversation from outside.

use confab_application::conversations::{self, Grounds};
use confab_application::messages::{self, Anchor};
use confab_application::ports::{Limit, MessageFilter, PageRequest};
use confab_application::{Error, Resource};
use confab_domain::{Content, ConversationId, MessageId, Role, SystemMessage, Timestamp, User, UserState};

use super::expect::limit;
use crate::Adapter;
use crate::testing::World;

fn grounds() -> Grounds {
    Grounds { reason: Some("a complaint".to_owned()), ..Grounds::default() }
}

async fn inspect(world: &World, admin: &User, id: ConversationId, minutes: u32) -> Result<Timestamp, Error> {
    conversations::inspect(&world.app, &world.viewer(admin), id, minutes, &grounds()).await
}

/// The ids of what somebody reads, by page, by one message and around one; none where each says that there is nothing.
async fn reads(world: &World, viewer: &User, id: ConversationId, message: MessageId) -> Option<Vec<MessageId>> {
    let (viewer, filter, page) = (world.viewer(viewer), MessageFilter::default(), PageRequest::first(Limit::MAX_PAGE));
    let history = messages::history(&world.app, &viewer, id, &filter, &page).await;
    let one = messages::get(&world.app, &viewer, id, message).await;
    let around = messages::around(&world.app, &viewer, id, &filter, Anchor::Message(message), limit(100)).await;
    match (history, one, around) {
        (Ok(history), Ok(one), Ok(around)) => {
            assert_eq!((one.message.id, &around.items), (message, &history.items));
            Some(history.items.iter().map(|view| view.message.id).collect())
        }
        (
            Err(Error::NotFound(Resource::Conversation)),
            Err(Error::NotFound(Resource::Message)),
            Err(Error::NotFound(Resource::Conversation)),
        ) => None,
        others => panic!("{others:?}"),
    }
}

/// An admin reads from when it is told in the conversation until it says that it ends, and nobody else does.
pub async fn whoever_inspects_reads_until_it_ends(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let (eve, other) = (world.user("eve", Role::Admin).await, world.user("other", Role::Admin).await);
    let (group, elsewhere) = (world.group(&[&ada, &ben]).await.id, world.group(&[&ada]).await.id);
    let said = world.post(group, &ada, &["one", "two"]).await;
    let away = world.post(elsewhere, &ada, &["three"]).await;
    assert_eq!(reads(&world, &eve, group, said[0].id).await, None);

    let until = inspect(&world, &eve, group, 15).await.unwrap();
    assert_eq!(until, world.now().plus_seconds(15 * 60));
    let told = reads(&world, &ada, group, said[0].id).await.unwrap();
    assert_eq!(told.len(), 3);
    let announcement = messages::get(&world.app, &world.viewer(&ben), group, told[0]).await.unwrap().message;
    assert_eq!(announcement.content, Content::System(SystemMessage::Inspected { until }));
    assert_eq!(announcement.sender_id, eve.id);
    assert_eq!(reads(&world, &eve, group, said[0].id).await, Some(told));
    let later = world.post(group, &ben, &["later"]).await;
    assert_eq!(reads(&world, &eve, group, later[0].id).await.unwrap().len(), 4);
    assert_eq!(reads(&world, &other, group, said[0].id).await, None);
    assert_eq!(reads(&world, &eve, elsewhere, away[0].id).await, None);

    world.clock.advance_seconds(15 * 60);
    assert_eq!(reads(&world, &eve, group, said[0].id).await, None);
    inspect(&world, &eve, group, 1).await.unwrap();
    assert_eq!(reads(&world, &eve, group, said[0].id).await.unwrap().len(), 5);
    // Whoever is an admin no longer reads no longer.
    let host = User::restore(UserState { role: Role::Host, ..UserState::clone(&eve) });
    assert_eq!(reads(&world, &host, group, said[0].id).await, None);

    inspect(&world, &other, group, 60).await.unwrap();
    conversations::delete(&world.app, &world.viewer(&other), group, &grounds()).await.unwrap();
    assert_eq!(reads(&world, &other, group, said[0].id).await, None);
}

/// Nobody inspects without being an admin, a reason and a time; and then nothing is told.
pub async fn an_inspection_takes_an_admin_a_reason_and_a_time(store: Adapter) {
    let world = World::new(store);
    let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.user("eve", Role::Admin).await);
    let group = world.group(&[&ada]).await.id;
    let said = world.post(group, &ada, &["one"]).await;
    assert!(matches!(inspect(&world, &ada, group, 15).await, Err(Error::Denied(_))));
    assert!(matches!(inspect(&world, &ben, group, 15).await, Err(Error::NotFound(Resource::Conversation))));
    let without = conversations::inspect(&world.app, &world.viewer(&eve), group, 15, &Grounds::default()).await;
    assert!(matches!(&without, Err(Error::Invalid(errors)) if errors[0].field == "reason"), "{without:?}");
    for minutes in [0, 61, u32::MAX] {
        assert!(matches!(inspect(&world, &eve, group, minutes).await, Err(Error::Invalid(_))));
    }
    assert!(matches!(inspect(&world, &eve, world.id(), 15).await, Err(Error::NotFound(Resource::Conversation))));
    assert_eq!(reads(&world, &ada, group, said[0].id).await, Some(vec![said[0].id]));
}
