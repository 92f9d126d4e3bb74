//! All that is kept of a user is read, and nothing of others.

use confab_application::ports::{FormerPlace, Limit, Place};
use confab_domain::{
    Conversation, ConversationId, Emoji, MailKind, Message, MessageId, OutgoingMail, Participant, Reaction, Revision,
    Seq, User, Version,
};

use crate::Adapter;
use crate::testing::World;

fn two() -> Limit {
    Limit::new(2).unwrap()
}

async fn messages(world: &World, user: &User, id: ConversationId, after: u64, up_to: u64) -> Vec<(u64, String)> {
    let seq = |number| Seq::ZERO.plus(number);
    let found = world.store().export().own_messages(user.id, id, seq(after), seq(up_to), two()).await.unwrap();
    found.iter().map(|message| (message.seq.get(), message.body().to_owned())).collect()
}

/// Keeps what a message said, once more, and a reaction to it, and hides it.
async fn touch(world: &World, user: &User, message: &Message) -> (Vec<Revision>, Reaction) {
    let tx = world.begin().await;
    let mut revisions = Vec::new();
    for version in 1..=3 {
        let revision = Revision {
            message_id: message.id,
            version: Version::ZERO.plus(version),
            written_at: world.now(),
            body: message.text().unwrap().body.clone(),
            payload: None,
        };
        tx.messages().insert_revision(&revision).await.unwrap();
        revisions.push(revision);
    }
    let emoji = Emoji::parse("👍").unwrap();
    let reaction = Reaction { message_id: message.id, version: Version::ZERO.plus(9), user_id: user.id, emoji };
    tx.messages().add_reaction(&reaction, 1).await.unwrap();
    tx.messages().hide(user.id, message).await.unwrap();
    tx.commit().await.unwrap();
    (revisions, reaction)
}

/// Places, messages, revisions, reactions and hidden messages, a page at a time, in the order of their keys.
pub async fn all_that_is_one_s_own_is_read_in_pages(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let mut groups: Vec<Conversation> = Vec::new();
    for title in ["one", "two", "three"] {
        groups.push(world.group_named(Some(title), &[&ada, &ben]).await);
    }
    groups.sort_by_key(|group| group.id);
    let id = groups[0].id;
    for number in 1..=3 {
        world.post(id, &ada, &[&format!("ada {number}")]).await;
        world.post(id, &ben, &[&format!("ben {number}")]).await;
    }
    let ada_s = |numbers: &[u64]| numbers.iter().map(|n| (2 * n - 1, format!("ada {n}"))).collect::<Vec<_>>();
    assert_eq!(messages(&world, &ada, id, 0, 6).await, ada_s(&[1, 2]));
    assert_eq!(messages(&world, &ada, id, 3, 6).await, ada_s(&[3]));
    assert_eq!(messages(&world, &ada, id, 0, 2).await, ada_s(&[1]), "no further than asked for");
    assert_eq!(messages(&world, &ada, id, 1, 3).await, ada_s(&[2]), "both ends");
    assert_eq!(messages(&world, &ada, id, 5, 6).await, []);

    let export = world.store().export();
    let first = export.places(ada.id, None, two()).await.unwrap();
    let rest = export.places(ada.id, Some(groups[1].id), two()).await.unwrap();
    let places: Vec<&Place> = first.iter().chain(&rest).collect();
    let told = |place: &&Place| (place.participant.conversation_id, place.title.clone(), place.last_seq.get());
    let wanted = groups.iter().map(|group| (group.id, group.title.clone(), if group.id == id { 6 } else { 0 }));
    assert_eq!(places.iter().map(told).collect::<Vec<_>>(), wanted.collect::<Vec<_>>());
    assert!(places.iter().all(|place| place.participant.user_id == ada.id && place.kind == groups[0].kind()));

    let tx = world.begin().await;
    let mut former = Vec::new();
    for group in &groups {
        let group = tx.conversations().find_for_update(ada.id, group.id).await.unwrap().unwrap();
        let place: Participant =
            tx.conversations().find_participant_for_update(group.id, ada.id).await.unwrap().unwrap();
        let left = place.leave(&group, world.now());
        tx.conversations().remove_participant(&left).await.unwrap();
        former.push(FormerPlace { participant: left, kind: group.kind() });
    }
    tx.commit().await.unwrap();
    assert_eq!(export.places(ada.id, None, two()).await.unwrap(), []);
    assert_eq!(export.former_places(ada.id, None, two()).await.unwrap(), former[..2]);
    assert_eq!(export.former_places(ada.id, Some(groups[1].id), two()).await.unwrap(), former[2..]);
    assert_eq!(messages(&world, &ada, id, 0, 6).await, ada_s(&[1, 2]), "what she said is hers when she has left");

    let all = Limit::MAX_PAGE;
    let said = export.own_messages(ada.id, id, Seq::ZERO, Seq::MAX, all).await.unwrap();
    let (mut reactions, mut hidden): (Vec<Reaction>, Vec<MessageId>) = (Vec::new(), Vec::new());
    for message in &said {
        let (revisions, reaction) = touch(&world, &ada, message).await;
        let read =
            async |after| export.own_revisions(ada.id, message.id, Version::ZERO.plus(after), two()).await.unwrap();
        assert_eq!(read(0).await, revisions[..2]);
        assert_eq!(read(2).await, revisions[2..]);
        assert_eq!(read(3).await, []);
        reactions.push(reaction);
        hidden.push(message.id);
    }
    reactions.sort_by_key(|reaction| reaction.message_id);
    hidden.sort_unstable();
    assert_eq!(export.own_reactions(ada.id, None, two()).await.unwrap(), reactions[..2]);
    let after = Some((reactions[1].message_id, reactions[1].version));
    assert_eq!(export.own_reactions(ada.id, after, two()).await.unwrap(), reactions[2..]);
    assert_eq!(export.hidden_messages(ada.id, None, two()).await.unwrap(), hidden[..2]);
    assert_eq!(export.hidden_messages(ada.id, Some(hidden[1]), two()).await.unwrap(), hidden[2..]);

    let tx = world.begin().await;
    let mut mails = Vec::new();
    for kind in [MailKind::PasswordReset, MailKind::Registration] {
        let mail = OutgoingMail { id: world.id(), kind, email: ada.email.clone(), created_at: world.now() };
        tx.mails().enqueue(&mail, world.now()).await.unwrap();
        mails.push(mail);
    }
    tx.commit().await.unwrap();
    assert_eq!(export.mails_to(&ada.email).await.unwrap(), mails);
}

/// Whoever has nothing finds nothing, whatever others have.
pub async fn what_is_of_others_is_not_read(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada]).await;
    let said = world.post(group.id, &ada, &["mine"]).await;
    touch(&world, &ada, &said[0]).await;
    let export = world.store().export();
    let all = Limit::MAX_PAGE;
    assert_eq!(export.own_messages(ben.id, group.id, Seq::ZERO, Seq::MAX, all).await.unwrap(), []);
    assert_eq!(export.own_revisions(ben.id, said[0].id, Version::ZERO, all).await.unwrap(), []);
    assert_eq!(export.own_reactions(ben.id, None, all).await.unwrap(), []);
    assert_eq!(export.hidden_messages(ben.id, None, all).await.unwrap(), []);
    assert_eq!(export.places(ben.id, None, all).await.unwrap(), []);
    assert_eq!(export.former_places(ben.id, None, all).await.unwrap(), []);
    assert_eq!(export.mails_to(&ben.email).await.unwrap(), []);
}
