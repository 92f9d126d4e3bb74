//! Reports of messages.

use confab_application::ports::{Limit, PageRequest, Position, ReportFilter};
use confab_application::{Error, messages, users};
use confab_domain::{
    ChangeRefused, Message, Origin, Remark, Report, ReportChange, ReportId, ReportReason, ReportState, User,
};

use crate::Adapter;
use crate::testing::{PASSWORD, World};

/// A report of a message that is not stored.
fn new_report(world: &World, message: &Message, reporter: &User) -> Report {
    let comment = Remark::parse("what is\nwrong with it: 😀").ok();
    Report::create(world.id(), message, reporter.id, ReportReason::Harassment, comment, world.now())
}

async fn insert(world: &World, reports: &[Report]) {
    let tx = world.begin().await;
    for report in reports {
        tx.reports().insert(report).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn find(world: &World, id: ReportId) -> Option<Report> {
    world.store().reports().find(id).await.unwrap()
}

/// What is kept of a report comes back, whatever it is; and so does what admins make of it.
pub async fn reports_come_back(store: Adapter) {
    let world = World::new(store);
    let (ada, ben, admin) = (world.host("ada").await, world.host("ben").await, world.host("admin").await);
    let group = world.group(&[&ada, &ben]).await;
    let said = world.post(group.id, &ben, &["one", "two", "three", "four", "five"]).await;
    for (message, reason) in said.iter().zip(ReportReason::ALL) {
        let longest = Remark::parse(&"😀".repeat(Remark::MAX_CHARACTERS)).ok();
        let comment = longest.filter(|_| *reason == ReportReason::Other);
        let report = Report { reason: *reason, comment, ..new_report(&world, message, &ada) };
        insert(&world, std::slice::from_ref(&report)).await;
        assert_eq!(find(&world, report.id).await, Some(report.clone()));
        for state in ReportState::ALL {
            let note = Some(Remark::parse(state.as_str()).ok().filter(|_| *state != ReportState::Open));
            let tx = world.begin().await;
            let found = tx.reports().find_for_update(report.id).await.unwrap().unwrap();
            let changed = found.changed(ReportChange { state: Some(*state), note }, admin.id, world.now());
            tx.reports().update(&changed).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(find(&world, report.id).await, Some(changed));
        }
    }
    assert_eq!(find(&world, world.id()).await, None);
    let tx = world.begin().await;
    assert_eq!(tx.reports().find_for_update(world.id()).await.unwrap(), None);
    let own = tx.reports().find_own(ada.id, said[0].id).await.unwrap().unwrap();
    assert_eq!((own.message_id, own.reporter_id), (said[0].id, ada.id));
    assert_eq!(tx.reports().find_own(ben.id, said[0].id).await.unwrap(), None);
    assert_eq!(tx.reports().find_own(ada.id, world.id()).await.unwrap(), None);
}

/// The newest first, both ways, and by state.
pub async fn reports_are_listed_by_state(store: Adapter) {
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let group = world.group(&[&ada, &ben]).await;
    let mut reports = Vec::new();
    for message in world.post(group.id, &ben, &["1", "2", "3", "4", "5", "6", "7"]).await {
        reports.push(new_report(&world, &message, &ada));
    }
    for report in reports.iter_mut().step_by(2) {
        report.state = ReportState::Dismissed;
    }
    insert(&world, &reports).await;
    reports.reverse();

    for state in [None, Some(ReportState::Open), Some(ReportState::Dismissed), Some(ReportState::Resolved)] {
        let wanted: Vec<ReportId> = reports
            .iter()
            .filter(|report| state.is_none_or(|state| report.state == state))
            .map(|report| report.id)
            .collect();
        let filter = ReportFilter { state };
        let (mut found, mut position) = (Vec::new(), None);
        loop {
            let request = PageRequest { limit: Limit::new(2).unwrap(), position };
            let page = world.store().reports().list(filter, &request).await.unwrap();
            found.extend(page.items.iter().map(|report| report.id));
            if !page.has_next {
                break;
            }
            position = page.items.last().map(|report| Position::After(report.id));
        }
        assert_eq!(found, wanted, "{state:?}");
        if let [.., second_last, last] = wanted.as_slice() {
            let request = PageRequest { limit: Limit::new(1).unwrap(), position: Some(Position::Before(*last)) };
            let page = world.store().reports().list(filter, &request).await.unwrap();
            let ids: Vec<ReportId> = page.items.iter().map(|report| report.id).collect();
            assert_eq!((ids, page.has_previous, page.has_next), (vec![*second_last], wanted.len() > 2, true));
        }
    }
}

/// Of many reports at once by one user there is one; and others report what they see.
pub async fn a_message_is_reported_once_by_each(store: Adapter) {
    let world = World::new(store);
    let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.host("eve").await);
    let group = world.group(&[&ada, &ben]).await;
    let said = world.post(group.id, &ben, &["something wrong"]).await;
    let report = async |user: &User| {
        let new = messages::NewReport { reason: "spam".to_owned(), comment: None };
        messages::report(&world.app, &world.viewer(user), group.id, said[0].id, new).await
    };
    let all = tokio::join!(report(&ada), report(&ada), report(&ada), report(&ada));
    let all = [all.0, all.1, all.2, all.3].map(Result::unwrap);
    assert_eq!(all.iter().filter(|reported| reported.is_new).count(), 1);
    assert!(all.iter().all(|reported| reported.report == all[0].report));
    assert!(matches!(report(&ben).await, Err(Error::Unchanged(ChangeRefused::OwnMessage))));
    assert!(matches!(report(&eve).await, Err(Error::NotFound(_))));
    let page = PageRequest::first(Limit::DEFAULT);
    assert_eq!(world.store().reports().list(ReportFilter::default(), &page).await.unwrap().items.len(), 1);
}

/// What somebody has said in their reports goes with their account; that they have reported, and what others have said, stays.
pub async fn comments_go_with_their_reporter(store: Adapter) {
    let world = World::new(store);
    let (ada, ben, eve) = (world.host("ada").await, world.host("ben").await, world.host("eve").await);
    let group = world.group(&[&eve, &ada, &ben]).await;
    let said = world.post(group.id, &eve, &["one", "two"]).await;
    let reports =
        [new_report(&world, &said[0], &ada), new_report(&world, &said[1], &ada), new_report(&world, &said[0], &ben)];
    insert(&world, &reports).await;
    let export = world.store().export();
    let one = Limit::new(1).unwrap();
    assert_eq!(export.own_reports(ada.id, None, one).await.unwrap(), reports[..1]);
    assert_eq!(export.own_reports(ada.id, Some(said[0].id), Limit::MAX_PAGE).await.unwrap(), reports[1..2]);
    assert_eq!(export.own_reports(ada.id, Some(said[1].id), Limit::MAX_PAGE).await.unwrap(), []);
    assert_eq!(export.own_reports(eve.id, None, Limit::MAX_PAGE).await.unwrap(), []);

    let viewer = world.viewer(&ada);
    users::delete_account(&world.app, &viewer, PASSWORD.to_owned(), &Origin::default()).await.unwrap();
    for report in &reports {
        let comment = report.comment.clone().filter(|_| report.reporter_id == ben.id);
        assert_eq!(find(&world, report.id).await, Some(Report { comment, ..report.clone() }));
    }
    let late = messages::NewReport { reason: "spam".to_owned(), comment: None };
    let late = messages::report(&world.app, &viewer, group.id, said[1].id, late).await;
    assert!(matches!(late, Err(Error::NotFound(_))), "{late:?}");
}

/// Whoever deletes the account while they report has said nothing afterwards; and whoever blocks somebody while they report them
/// does both.
pub async fn reports_are_made_while_accounts_are_deleted_and_blocked(store: Adapter) {
    let world = World::new(store);
    let origin = Origin::default();
    for round in 0..6 {
        let (ada, ben) = (world.host(&format!("ada{round}")).await, world.host(&format!("ben{round}")).await);
        let direct = world.direct(&ada, &ben).await;
        let said = world.post(direct.id, &ben, &["1", "2", "3", "4", "5", "6"]).await;
        let viewer = world.viewer(&ada);
        let report = async |number: usize| {
            let new = messages::NewReport { reason: "spam".to_owned(), comment: Some("what I think".to_owned()) };
            messages::report(&world.app, &viewer, direct.id, said[number].id, new).await
        };
        let block = users::block(&world.app, &viewer, ben.id);
        let (blocked, one, two) = tokio::join!(block, report(0), report(1));
        blocked.unwrap();
        assert!(one.unwrap().is_new && two.unwrap().is_new);

        let delete = users::delete_account(&world.app, &viewer, PASSWORD.to_owned(), &origin);
        let (three, deleted, four, five, six) = tokio::join!(report(2), delete, report(3), report(4), report(5));
        deleted.unwrap();
        for outcome in [three, four, five, six] {
            let is_late = matches!(outcome, Err(Error::Unauthenticated(_) | Error::NotFound(_)));
            assert!(is_late || outcome.as_ref().is_ok_and(|reported| reported.is_new), "{outcome:?}");
        }
        let kept = world.store().export().own_reports(ada.id, None, Limit::MAX_PAGE).await.unwrap();
        assert!(kept.len() >= 2 && kept.iter().all(|report| report.comment.is_none()), "{kept:?}");
    }
}
