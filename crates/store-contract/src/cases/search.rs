//! What a search finds.

use confab_application::conversations::Grounds;
use confab_application::messages::{
    Hits, MessageEdit, NewMessage, PayloadEdit, Precondition, delete, edit, hide, search, send,
};
use confab_application::participants;
use confab_application::ports::{PageRequest, Position, SentKey};
use confab_domain::{Conversation, ConversationId, Message, Seq, User};
use uuid::Uuid;

use super::expect::limit;
use crate::Adapter;
use crate::testing::World;

async fn hits(world: &World, viewer: &User, text: &str) -> Hits {
    let page = PageRequest::first(limit(100));
    search(&world.app, &world.viewer(viewer), text, &page).await.unwrap()
}

/// The texts that are found, the newest first.
async fn found(world: &World, viewer: &User, text: &str) -> Vec<String> {
    hits(world, viewer, text).await.items.iter().map(|hit| hit.view.message.body().to_owned()).collect()
}

/// Words, phrases and beginnings, in any case, of any script, however short.
pub async fn a_search_finds_words_of_any_script(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await.id;
    let texts = [
        "The Analytical Engine weaves algebraic patterns",
        "just as the Jacquard LOOM weaves flowers",
        "ok",
        "我在中国工作",
        "これは日本語のテストです。",
        "한국어를 공부합니다",
        "新iPhone手机壳",
        "e\u{301}tude, Étude, ÉTUDE",
        "Ну ПРИВЕТ! 👍🏽",
        "it's 100% of the_total (50'000) \\ \"quoted\" :* & | ! <->",
        "…",
    ];
    for text in texts {
        world.post(group, &ada, &[text]).await;
        world.clock.advance_seconds(1);
    }
    for (search, expected) in [
        ("weaves", &[1, 0][..]),
        ("WEAV the", &[1, 0]),
        ("weaves engine", &[0]),
        ("\"engine weaves\"", &[0]),
        ("\"weaves engine\"", &[]),
        ("eaves", &[]),
        ("o", &[9, 2]),
        ("ok", &[2]),
        ("中", &[3]),
        ("中国", &[3]),
        ("国中", &[]),
        ("工作 中国", &[3]),
        ("日本", &[4]),
        ("本語", &[4]),
        ("テスト", &[4]),
        ("で", &[4]),
        ("한국", &[5]),
        ("국", &[5]),
        ("공부", &[5]),
        ("手机", &[6]),
        ("手", &[6]),
        ("iphone手机", &[6]),
        ("étude", &[7]),
        ("привет", &[8]),
        ("👍", &[8]),
        ("100%", &[9]),
        ("the_total", &[9]),
        ("'quoted'", &[9]),
        ("50'000", &[9]),
        ("it's", &[9]),
        ("nothing", &[]),
    ] {
        let expected: Vec<&str> = expected.iter().map(|place| texts[*place]).collect();
        assert_eq!(found(&world, &ada, search).await, expected, "{search}");
    }
    let ranges = |hits: &Hits| hits.items[0].ranges.clone();
    assert_eq!(ranges(&hits(&world, &ada, "本語 です").await), [4..6, 10..12]);
    assert_eq!(ranges(&hits(&world, &ada, "flow \"the jac\"").await), [8..20, 33..40]);
}

/// The operators narrow it down, together.
pub async fn a_search_is_narrowed_down_by_operators(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let (one, other) = (world.group(&[&ada, &ben]).await.id, world.group(&[&ada, &ben]).await.id);
    let day = |day: u32| super::expect::at(&format!("2030-01-0{day}T12:00:00Z"));
    for (number, (sender, group, on)) in
        [(&ada, one, 1), (&ben, one, 2), (&ada, other, 3), (&ben, other, 4)].into_iter().enumerate()
    {
        world.clock.set(day(on));
        world.post(group, sender, &[&format!("word{number}")]).await;
    }
    for (search, expected) in [
        (format!("word from:{}", ben.id), &["word3", "word1"][..]),
        ("word from:me".to_owned(), &["word2", "word0"]),
        (format!("word in:{one}"), &["word1", "word0"]),
        (format!("in:{other} from:{} word", ada.id), &["word2"]),
        ("word after:2030-01-02".to_owned(), &["word3", "word2"]),
        ("word before:2030-01-02".to_owned(), &["word0"]),
        ("word after:2030-01-02T12:00:00Z before:2030-01-04T12:00:00Z".to_owned(), &["word2"]),
        (format!("word in:{}", world.id::<confab_domain::ConversationId>()), &[]),
        (format!("word from:{}", world.id::<confab_domain::UserId>()), &[]),
    ] {
        assert_eq!(found(&world, &ada, &search).await, expected, "{search}");
    }
}

/// Nobody finds what they may not read.
pub async fn a_search_finds_nothing_of_others(store: Adapter) {
    let world = World::new(store);
    let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.host("eve").await);
    let theirs = world.group(&[&ada, &ben]).await.id;
    let eves = world.group(&[&eve, &ben]).await.id;
    world.post(theirs, &ada, &["a secret plan"]).await;
    world.post(eves, &eve, &["a plan"]).await;
    for (viewer, text, expected) in [
        (&eve, "plan".to_owned(), 1),
        (&eve, "secret".to_owned(), 0),
        (&eve, format!("plan in:{theirs}"), 0),
        (&eve, format!("plan from:{}", ada.id), 0),
        (&ben, "plan".to_owned(), 2),
        (&ada, "plan".to_owned(), 1),
    ] {
        assert_eq!(found(&world, viewer, &text).await.len(), expected, "{text}");
    }
}

/// Conversations whose ids end alike, as an index may tell them apart by the end alone, keep what is theirs from each other.
pub async fn a_search_meets_no_namesake(store: Adapter) {
    let world = World::new(store);
    let (ada, eve) = (world.host("ada").await, world.host("eve").await);
    let group = world.group(&[&ada]).await;
    let id = ConversationId::from(Uuid::from_u128(group.id.as_uuid().as_u128() ^ (1 << 40)));
    let namesake = Conversation::create_group(id, eve.id, None, 1, world.now());
    world.insert_conversation(&namesake, &[&eve]).await;
    world.post(group.id, &ada, &["ours"]).await;
    world.clock.advance_seconds(1);
    world.post(namesake.id, &eve, &["ours is not theirs"; 3]).await;
    for text in ["ours".to_owned(), format!("ours in:{}", group.id)] {
        let page = PageRequest::first(limit(1));
        let hits = search(&world.app, &world.viewer(&ada), &text, &page).await.unwrap();
        assert_eq!(hits.items.iter().map(|hit| hit.view.message.body()).collect::<Vec<_>>(), ["ours"]);
        assert_eq!(hits.next, None);
    }
}

/// In a conversation of thousands, and in all: what few of them say, what all say, from any place and between any times, in
/// either direction; with some at the same time.
pub async fn a_search_goes_through_thousands(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let (long, short) = (world.group(&[&ada, &ben]).await.id, world.group(&[&ada]).await.id);
    let eve = world.host("eve").await;
    let mut posted: Vec<Message> = Vec::new();
    let mut joined = Seq::ZERO;
    for number in 0..110 {
        let rare = if number % 9 == 0 { "common rare" } else { "common" };
        // Across the thousands, too, some are of one time.
        posted.extend(world.post(long, &ada, &[&["common"; 20][..], &[rare]].concat()).await);
        if number % 10 == 0 {
            posted.extend(world.post(short, &ada, &["common rare"]).await);
        }
        if number == 100 {
            let viewer = world.viewer(&ada);
            participants::add(&world.app, &viewer, long, &[eve.id.to_string()], &Grounds::default()).await.unwrap();
            joined = world.post(long, &ben, &["…"]).await[0].seq;
        }
        world.clock.advance_seconds(number % 3);
    }
    assert!(posted.len() > 2 * 1024);
    posted.sort_unstable_by_key(SentKey::of);
    posted.reverse();

    let middle = &posted[posted.len() / 2];
    let time = middle.sent_at;
    for (viewer, text, size) in [
        (&ada, "rare".to_owned(), 4),
        (&ada, format!("rare in:{long}"), 5),
        (&ada, format!("rare common before:{time}"), 5),
        (&ada, format!("rare after:{time} in:{long}"), 5),
        (&ada, "common".to_owned(), 100),
        (&ada, format!("common in:{long}"), 97),
        (&ada, format!("common after:{time}"), 100),
        (&ben, "common rare".to_owned(), 7),
        (&eve, "common".to_owned(), 7),
        (&ada, "nothing".to_owned(), 7),
    ] {
        let expected: Vec<SentKey> = posted
            .iter()
            .filter(|message| text.contains("common") || message.body().contains("rare"))
            .filter(|message| !text.contains("rare") || message.body().contains("rare"))
            .filter(|_| !text.contains("nothing"))
            .filter(|message| message.conversation_id == long || (viewer.id == ada.id && !text.contains("in:")))
            .filter(|message| !text.contains("before:") || message.sent_at < middle.sent_at)
            .filter(|message| !text.contains("after:") || message.sent_at > middle.sent_at)
            .filter(|message| viewer.id != eve.id || message.seq > joined)
            .map(SentKey::of)
            .collect();
        let go = async |position| {
            let page = PageRequest { limit: limit(size), position };
            let hits = search(&world.app, &world.viewer(viewer), &text, &page).await.unwrap();
            let keys: Vec<SentKey> = hits.items.iter().map(|hit| SentKey::of(&hit.view.message)).collect();
            (keys, hits.previous, hits.next)
        };
        let (mut forth, mut position) = (Vec::new(), None);
        loop {
            let (keys, _, next) = go(position).await;
            forth.extend(keys);
            match next {
                Some(key) => position = Some(Position::After(key)),
                None => break,
            }
        }
        assert_eq!(forth, expected, "{text}");
        let (mut back, mut position) = (Vec::new(), expected.last().copied());
        back.extend(position);
        while let Some(key) = position {
            let (keys, previous, _) = go(Some(Position::Before(key))).await;
            back.splice(0..0, keys);
            position = previous;
        }
        assert_eq!(back, expected, "{text}, back");
    }
}

/// Pages are in order, without a gap or a double, whichever way one goes, while more is said.
pub async fn what_is_found_is_paged_both_ways(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let groups = [world.group(&[&ada]).await.id, world.group(&[&ada]).await.id];
    let mut posted: Vec<Message> = Vec::new();
    for number in 0..12 {
        // Some at the same time.
        world.clock.advance_seconds(number % 2);
        let text = if number % 3 == 2 { "chaff" } else { "wheat" };
        posted.extend(world.post(groups[number as usize % 2], &ada, &[text]).await);
    }
    let mut expected: Vec<SentKey> =
        posted.iter().filter(|message| message.body() == "wheat").map(SentKey::of).collect();
    expected.sort_unstable();
    expected.reverse();

    let viewer = world.viewer(&ada);
    let (mut forth, mut position) = (Vec::new(), None);
    loop {
        let page = search(&world.app, &viewer, "whea", &PageRequest { limit: limit(3), position }).await.unwrap();
        assert_eq!(page.previous.is_some(), position.is_some());
        forth.extend(page.items.iter().map(|hit| SentKey::of(&hit.view.message)));
        world.post(groups[0], &ada, &["wheat later"]).await;
        match page.next {
            Some(key) => position = Some(Position::After(key)),
            None => break,
        }
    }
    assert_eq!(forth, expected);
    let before = PageRequest { limit: limit(3), position: Some(Position::Before(expected[5])) };
    let back = search(&world.app, &viewer, "whea", &before).await.unwrap();
    assert_eq!(back.items.iter().map(|hit| SentKey::of(&hit.view.message)).collect::<Vec<_>>(), expected[2..5]);
    assert_eq!((back.previous, back.next), (Some(expected[2]), Some(expected[4])));
}

/// What is edited is found by what it says now; what is deleted, by nobody; what somebody has hidden, not by them; and what is
/// sent by itself, at once.
pub async fn what_is_gone_is_not_found(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await.id;
    let posted = world.post(group, &ada, &["plugh edited", "plugh deleted", "plugh hidden", "plugh stays"]).await;
    let viewer = world.viewer(&ada);
    let says = MessageEdit { body: Some("xyzzy now".to_owned()), payload: PayloadEdit::Keep };
    edit(&world.app, &viewer, group, posted[0].id, &Precondition::Any, says).await.unwrap();
    delete(&world.app, &viewer, group, posted[1].id, &Grounds::default()).await.unwrap();
    hide(&world.app, &viewer, group, posted[2].id).await.unwrap();
    assert_eq!(found(&world, &ada, "plugh").await, ["plugh stays"]);
    assert_eq!(found(&world, &ben, "plugh").await, ["plugh stays", "plugh hidden"]);
    assert_eq!(found(&world, &ben, "xyzzy").await, ["xyzzy now"]);
    assert_eq!(found(&world, &ben, "deleted").await, [""; 0]);
    assert_eq!(found(&world, &ada, "sent").await, [""; 0]);
    let sent = NewMessage { body: "sent alone".to_owned(), ..NewMessage::default() };
    send(&world.app, &viewer, group, sent).await.unwrap();
    assert_eq!(found(&world, &ben, "sent").await, ["sent alone"]);
}
