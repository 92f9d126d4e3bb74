//! The audit.

use confab_application::ports::{Constraint, Page, PageRequest, Position};
use confab_domain::{AuditEntry, AuditEntryId, AuditKind, Facts, Origin, UserAgent, UserId};

use super::expect::{assert_dangling, assert_over, at, constraint, limit};
use crate::Adapter;
use crate::testing::World;

async fn append(world: &World, entry: &AuditEntry) {
    let tx = world.begin().await;
    tx.audit().append(entry).await.unwrap();
    tx.commit().await.unwrap();
}

fn entry(world: &World, subject: UserId) -> AuditEntry {
    world.app.own_audit_entry(AuditKind::LoggedIn, subject, &Origin::default())
}

async fn page(
    world: &World,
    viewer: UserId,
    items: usize,
    position: Option<Position<AuditEntryId>>,
) -> Page<AuditEntry> {
    world.store().audit().list(viewer, &PageRequest { limit: limit(items), position }).await.unwrap()
}

/// Entries of every kind, with everything and with nothing in them, come back as they were written.
pub async fn audit_entries_come_back(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let mut wanted = Vec::new();
    for kind in AuditKind::ALL {
        wanted.push(world.app.audit_entry(*kind, Some(ada.id), &Origin::default()));
        for address in ["192.0.2.7", "2001:db8::1"] {
            let origin = Origin {
                address: Some(address.parse().unwrap()),
                user_agent: UserAgent::of_header(&"é".repeat(300)),
                request_id: Some("a request".to_owned()),
            };
            wanted.push(AuditEntry {
                at: at("9999-12-31T23:59:59.999999Z"),
                actor_id: Some(ben.id),
                session_id: Some(world.id()),
                before: Some(Facts::of("role", "guest")),
                after: Some(Facts::of("role", "host").and("reason", "\"\\\0\n😀'")),
                ..world.app.audit_entry(*kind, Some(ada.id), &origin)
            });
        }
    }
    for entry in &wanted {
        append(&world, entry).await;
    }
    append(&world, &world.app.audit_entry(AuditKind::LogInFailed, None, &Origin::default())).await;
    wanted.reverse();
    assert_eq!(page(&world, ada.id, 100, None).await.items, wanted);
    assert_eq!(page(&world, ben.id, 100, None).await.items, [], "what he did to another is not his");
}

/// The audit is read in pages, forth and back, the newest first.
pub async fn the_audit_is_read_in_pages(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let mut ids = Vec::new();
    for _ in 0..5 {
        let entry = entry(&world, ada.id);
        append(&world, &entry).await;
        append(&world, &self::entry(&world, ben.id)).await;
        ids.push(entry.id);
    }
    ids.reverse();
    let read = async |position| {
        let page = page(&world, ada.id, 2, position).await;
        let ids: Vec<_> = page.items.iter().map(|entry| entry.id).collect();
        (ids, page.has_previous, page.has_next)
    };
    assert_eq!(read(None).await, (ids[..2].to_vec(), false, true));
    assert_eq!(read(Some(Position::After(ids[1]))).await, (ids[2..4].to_vec(), true, true));
    assert_eq!(read(Some(Position::After(ids[3]))).await, (ids[4..].to_vec(), true, false));
    assert_eq!(read(Some(Position::Before(ids[4]))).await, (ids[2..4].to_vec(), true, true));
    assert_eq!(read(Some(Position::Before(ids[2]))).await, (ids[..2].to_vec(), false, true));
    assert_eq!(read(Some(Position::After(ids[4]))).await, (vec![], false, false));
}

/// An entry is written with what it tells of, or not at all; it tells of users who exist; and there is one for each id.
pub async fn an_audit_entry_shares_the_fate_of_its_transaction(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let tx = world.begin().await;
    tx.audit().append(&entry(&world, ada.id)).await.unwrap();
    drop(tx);
    assert_eq!(page(&world, ada.id, 10, None).await.items, []);

    let kept = entry(&world, ada.id);
    append(&world, &kept).await;
    assert_eq!(constraint(world.begin().await.audit().append(&kept).await), Constraint::AuditEntryId);
    for (actor, subject) in [(world.id(), ada.id), (ada.id, world.id())] {
        let entry = AuditEntry { actor_id: Some(actor), ..entry(&world, subject) };
        assert_dangling("somebody in the audit", world.begin().await.audit().append(&entry).await);
    }

    let tx = world.begin().await;
    tx.audit().append(&kept).await.unwrap_err();
    assert_over("audit.append", tx.audit().append(&entry(&world, ada.id)).await);
    assert_over("count_failed_log_in", tx.audit().count_failed_log_in(None, world.now()).await);
    assert_over("take_failed_log_ins", tx.audit().take_failed_log_ins(ada.id).await);
}

/// Failed log-ins are counted by account and by minute, and all those since they were last asked for.
pub async fn failed_log_ins_are_counted(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await.id, world.host("ben").await.id);
    let fail = async |account: Option<UserId>, now| {
        let tx = world.begin().await;
        let count = tx.audit().count_failed_log_in(account, now).await.unwrap();
        tx.commit().await.unwrap();
        count
    };
    let take = async |account| {
        let tx = world.begin().await;
        let count = tx.audit().take_failed_log_ins(account).await.unwrap();
        tx.commit().await.unwrap();
        count
    };
    let (first, last, next) =
        (at("2026-01-31T09:30:00Z"), at("2026-01-31T09:30:59.999999Z"), at("2026-01-31T09:31:00Z"));
    for account in [Some(ada), Some(ben), None] {
        assert_eq!(fail(account, first).await, 1);
        assert_eq!(fail(account, last).await, 2);
        assert_eq!(fail(account, next).await, 1);
    }
    assert_eq!((take(ada).await, take(ada).await), (3, 0));
    assert_eq!(fail(Some(ada), next).await, 1);
    assert_eq!((take(ada).await, take(ben).await), (1, 3));
    assert_eq!(fail(None, next).await, 2);
}
