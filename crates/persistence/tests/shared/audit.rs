//! The database itself keeps the audit as it was written, whoever tries to change it behind the store's back.

use std::sync::Arc;

use confab_application::ports::{Limit, PageRequest};
use confab_domain::{AuditEntry, AuditKind, Facts, Origin, UserAgent};
use confab_store_contract::testing::World;

use crate::support::Place;

pub async fn what_was_written_stays(place: &impl Place) {
    let world = World::new(Arc::new(place.store().await));
    let ada = world.host("ada").await;
    let user_agent = UserAgent::of_header("curl");
    let origin = Origin { address: "192.0.2.7".parse().ok(), user_agent, request_id: Some("a request".to_owned()) };
    let entry = world.app.own_audit_entry(AuditKind::RoleChanged, ada.id, &origin);
    let entry = AuditEntry {
        session_id: Some(world.id()),
        before: Some(Facts::of("role", "guest")),
        after: Some(Facts::of("role", "host")),
        ..entry
    };
    let tx = world.begin().await;
    tx.audit().append(&entry).await.unwrap();
    tx.commit().await.unwrap();

    for change in [
        "UPDATE audit_events SET kind = 'logged_in'",
        "UPDATE audit_events SET at = 0, address = NULL, user_agent = NULL",
        "UPDATE audit_events SET actor_id = NULL, address = NULL, user_agent = NULL",
        "UPDATE audit_events SET subject_id = NULL, address = NULL, user_agent = NULL",
        "UPDATE audit_events SET session_id = NULL, address = NULL, user_agent = NULL",
        "UPDATE audit_events SET request_id = NULL, address = NULL, user_agent = NULL",
        "UPDATE audit_events SET \"before\" = NULL, address = NULL, user_agent = NULL",
        "UPDATE audit_events SET \"after\" = NULL, address = NULL, user_agent = NULL",
        "UPDATE audit_events SET address = '192.0.2.8', user_agent = NULL",
        "UPDATE audit_events SET address = NULL, user_agent = 'wget'",
        "DELETE FROM audit_events",
    ] {
        let error = place.try_execute(change).await.unwrap_err().to_string();
        assert!(error.contains("the audit is only ever added to"), "{change}: {error}");
    }
    let read = async || {
        let page = PageRequest::first(Limit::DEFAULT);
        world.store().audit().list(ada.id, &page).await.unwrap().items
    };
    assert_eq!(read().await, std::slice::from_ref(&entry));

    // The one thing that may be done: where it came from is forgotten.
    place.execute("UPDATE audit_events SET address = NULL, user_agent = NULL").await;
    let origin = Origin { address: None, user_agent: None, ..entry.origin.clone() };
    assert_eq!(read().await, [AuditEntry { origin, ..entry }]);
}
