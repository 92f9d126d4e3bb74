//! Pages of a history.

use confab_application::ports::{Limit, MessageFilter, Order, Page, PageRequest, Position, Store};
use confab_application::views::MessageView;
use confab_domain::{ConversationId, Message, Seq, User, UserId};

use super::expect::{assert_gap_free, limit};
use crate::Adapter;
use crate::testing::World;

/// A conversation of 30 messages, by three senders in turns, a second apart but for some that share their time.
struct History {
    world: World,
    users: Vec<User>,
    id: ConversationId,
    messages: Vec<Message>,
}

impl History {
    async fn stored(store: Adapter) -> Self {
        let world = World::new(store);
        let users = world.hosts(3).await;
        let everyone: Vec<&User> = users.iter().collect();
        let (id, other) = (world.group(&everyone).await.id, world.group(&everyone).await.id);
        let mut messages = Vec::new();
        for number in 0..30 {
            let sender = &users[number % 3];
            messages.extend(world.post(id, sender, &["x"]).await);
            // What a page must not show.
            world.post(other, sender, &["elsewhere"]).await;
            if number % 5 != 0 {
                world.clock.advance_seconds(1);
            }
        }
        Self { world, users, id, messages }
    }

    async fn page(&self, filter: &MessageFilter, page: &PageRequest<Seq>) -> Page<MessageView> {
        read(self.world.store(), self.users[0].id, self.id, filter, page).await
    }

    /// What the filter admits, in its order.
    fn wanted(&self, filter: &MessageFilter) -> Vec<Seq> {
        let admits = |message: &&Message| {
            filter.after_seq.is_none_or(|seq| message.seq > seq)
                && filter.before_seq.is_none_or(|seq| message.seq < seq)
                && filter.sender_id.is_none_or(|id| message.sender_id == id)
                && filter.sent_from.is_none_or(|time| message.sent_at >= time)
                && filter.sent_before.is_none_or(|time| message.sent_at < time)
        };
        let mut seqs: Vec<Seq> = self.messages.iter().filter(admits).map(|message| message.seq).collect();
        if filter.order == Order::NewestFirst {
            seqs.reverse();
        }
        seqs
    }

    /// Every combination of filters that are and are not there.
    fn filters(&self) -> Vec<MessageFilter> {
        let mut filters = Vec::new();
        let times = [5, 20].map(|index: usize| Some(self.messages[index].sent_at));
        for order in [Order::NewestFirst, Order::OldestFirst] {
            for after_seq in [None, Some(0), Some(8), Some(30)] {
                for before_seq in [None, Some(5), Some(26)] {
                    for sender_id in [None, Some(self.users[1].id)] {
                        for sent_from in [None, times[0]] {
                            for sent_before in [None, times[1]] {
                                let (after_seq, before_seq) = (after_seq.map(seq), before_seq.map(seq));
                                let filter =
                                    MessageFilter { order, after_seq, before_seq, sender_id, sent_from, sent_before };
                                filters.push(filter);
                            }
                        }
                    }
                }
            }
        }
        filters
    }
}

async fn read(
    store: &dyn Store,
    viewer: UserId,
    id: ConversationId,
    filter: &MessageFilter,
    page: &PageRequest<Seq>,
) -> Page<MessageView> {
    store.messages().history(viewer, id, filter, page).await.unwrap().unwrap()
}

fn seq(number: i64) -> Seq {
    Seq::parse(number).unwrap()
}

fn seqs(page: &Page<MessageView>) -> Vec<Seq> {
    page.items.iter().map(|view| view.message.seq).collect()
}

/// The newest come first unless it is asked otherwise; a page says on which sides there is more.
pub async fn a_page_of_history_is_in_order_and_tells_what_lies_around_it(store: Adapter) {
    let history = History::stored(store).await;
    let show = async |order, position| {
        let filter = MessageFilter { order, ..MessageFilter::default() };
        let page = history.page(&filter, &PageRequest { limit: limit(3), position }).await;
        let numbers: Vec<u64> = seqs(&page).into_iter().map(Seq::get).collect();
        (numbers, page.has_previous, page.has_next)
    };
    let (newest, oldest) = (Order::NewestFirst, Order::OldestFirst);
    let (after, before) = (|number| Some(Position::After(seq(number))), |number| Some(Position::Before(seq(number))));
    assert_eq!(show(newest, None).await, (vec![30, 29, 28], false, true));
    assert_eq!(show(oldest, None).await, (vec![1, 2, 3], false, true));
    assert_eq!(show(newest, after(28)).await, (vec![27, 26, 25], true, true));
    assert_eq!(show(oldest, after(3)).await, (vec![4, 5, 6], true, true));
    assert_eq!(show(newest, after(4)).await, (vec![3, 2, 1], true, false));
    assert_eq!(show(oldest, after(28)).await, (vec![29, 30], true, false));
    assert_eq!(show(newest, before(25)).await, (vec![28, 27, 26], true, true));
    assert_eq!(show(oldest, before(6)).await, (vec![3, 4, 5], true, true));
    assert_eq!(show(newest, before(27)).await, (vec![30, 29, 28], false, true));
    assert_eq!(show(oldest, before(3)).await, (vec![1, 2], false, true));
    assert_eq!(show(newest, after(1)).await, (vec![], false, false));
    assert_eq!(show(oldest, after(30)).await, (vec![], false, false));
    assert_eq!(show(newest, before(30)).await, (vec![], false, false));
    assert_eq!(show(oldest, before(1)).await, (vec![], false, false));
    assert_eq!(show(oldest, after(9_007_199_254_740_991)).await, (vec![], false, false));
}

/// Every combination of filters and orders, walked forwards and back by pages of seven, gives what a sieve of all
/// messages gives.
pub async fn filters_and_orders_combine_in_both_directions(store: Adapter) {
    let history = History::stored(store).await;
    for filter in history.filters() {
        let wanted = history.wanted(&filter);
        let all = history.page(&filter, &PageRequest::first(limit(Limit::MAX))).await;
        assert_eq!(seqs(&all), wanted, "{filter:?}");
        assert!(!all.has_previous && !all.has_next, "{filter:?}");

        let mut walked: Vec<Seq> = Vec::new();
        loop {
            let position = walked.last().copied().map(Position::After);
            let page = history.page(&filter, &PageRequest { limit: limit(7), position }).await;
            walked.extend(seqs(&page));
            assert_eq!(page.has_next, walked.len() < wanted.len(), "{filter:?}");
            if !page.has_next {
                break;
            }
        }
        assert_eq!(walked, wanted, "{filter:?}");

        let Some(last) = walked.pop() else { continue };
        let mut place = last;
        let mut left = walked;
        loop {
            let page = PageRequest { limit: limit(7), position: Some(Position::Before(place)) };
            let page = history.page(&filter, &page).await;
            let rest = left.split_off(left.len().saturating_sub(7));
            assert_eq!((seqs(&page), page.has_previous), (rest, !left.is_empty()), "{filter:?} before {place:?}");
            match page.items.first() {
                Some(first) if page.has_previous => place = first.message.seq,
                _ => break,
            }
        }
    }
}

/// A position narrows what the filter admits, wherever it lies, and never widens it.
pub async fn a_position_lies_anywhere_in_what_a_filter_admits_or_outside(store: Adapter) {
    let history = History::stored(store).await;
    for filter in history.filters() {
        let wanted = history.wanted(&filter);
        for place in [2, 15, 29].map(seq) {
            let comes_before = |other: &Seq| match filter.order {
                Order::NewestFirst => *other > place,
                Order::OldestFirst => *other < place,
            };
            let before: Vec<Seq> = wanted.iter().copied().filter(comes_before).collect();
            let after: Vec<Seq> = wanted.iter().copied().filter(|seq| *seq != place && !comes_before(seq)).collect();

            let page = PageRequest { limit: limit(4), position: Some(Position::After(place)) };
            let page = history.page(&filter, &page).await;
            assert_eq!(seqs(&page), after[..after.len().min(4)], "{filter:?} after {place:?}");
            assert_eq!(page.has_next, after.len() > 4, "{filter:?} after {place:?}");

            let page = PageRequest { limit: limit(4), position: Some(Position::Before(place)) };
            let page = history.page(&filter, &page).await;
            assert_eq!(seqs(&page), before[before.len().saturating_sub(4)..], "{filter:?} before {place:?}");
            assert_eq!(page.has_previous, before.len() > 4, "{filter:?} before {place:?}");
        }
    }
}

/// Messages that arrive while someone reads backwards through time do not shift a page; while someone reads forwards
/// they come at the end, once.
pub async fn a_history_is_stable_while_messages_arrive(store: Adapter) {
    let History { world, users, id, messages } = History::stored(store).await;
    let mut stored = messages.len() as u64;
    for order in [Order::NewestFirst, Order::OldestFirst] {
        let (filter, before) = (MessageFilter { order, ..MessageFilter::default() }, stored);
        let mut walked: Vec<Seq> = Vec::new();
        loop {
            let position = walked.last().copied().map(Position::After);
            let page = read(world.store(), users[0].id, id, &filter, &PageRequest { limit: limit(5), position }).await;
            walked.extend(seqs(&page));
            if !page.has_next {
                break;
            }
            if stored < before + 4 {
                world.post(id, &users[2], &["arrived"]).await;
                stored += 1;
            }
        }
        match order {
            Order::NewestFirst => {
                walked.reverse();
                assert_gap_free(walked, before as usize);
            }
            Order::OldestFirst => assert_gap_free(walked, stored as usize),
        }
    }
}

/// A page has as many messages as were asked for, up to the largest, and the largest of a longer history.
pub async fn a_page_has_as_many_messages_as_asked_for(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let id = world.group(&[&ada]).await.id;
    world.post(id, &ada, &["x"; 101]).await;
    let filter = MessageFilter { order: Order::OldestFirst, ..MessageFilter::default() };
    for items in [1, 2, Limit::DEFAULT.get(), Limit::MAX] {
        let page = read(world.store(), ada.id, id, &filter, &PageRequest::first(limit(items))).await;
        assert_gap_free(seqs(&page), items);
        assert!(page.has_next);
    }
}

/// A participant of a conversation in which nothing was said gets an empty page; nobody else gets a page.
pub async fn an_empty_history_is_not_a_missing_one(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let id = world.group(&[&ada]).await.id;
    let messages = world.store().messages();
    let page = PageRequest::first(Limit::DEFAULT);
    for filter in [
        MessageFilter::default(),
        MessageFilter { after_seq: Some(seq(7)), ..MessageFilter::default() },
        MessageFilter { sender_id: Some(ben.id), ..MessageFilter::default() },
    ] {
        let empty = Page { items: Vec::new(), has_previous: false, has_next: false };
        assert_eq!(messages.history(ada.id, id, &filter, &page).await.unwrap(), Some(empty));
        assert_eq!(messages.history(ben.id, id, &filter, &page).await.unwrap(), None);
        assert_eq!(messages.history(ada.id, world.id(), &filter, &page).await.unwrap(), None);
        assert_eq!(messages.history(world.id(), id, &filter, &page).await.unwrap(), None);
    }
}
