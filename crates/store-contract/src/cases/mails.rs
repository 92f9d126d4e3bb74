//! Mails that wait, and the tokens in them.

use std::collections::BTreeSet;

use confab_application::ports::{ClaimedMail, MailOutcome};
use confab_domain::{
    EmailAddress, MailKind, MailToken, MailTokenHash, OutgoingMail, Timestamp, TokenPurpose, User, UserId, UserState,
};

use super::expect::at_once;
use crate::Adapter;
use crate::testing::World;

fn mail(world: &World, kind: MailKind, email: &str) -> OutgoingMail {
    OutgoingMail { id: world.id(), kind, email: EmailAddress::parse(email).unwrap(), created_at: world.now() }
}

async fn enqueue(world: &World, mail: &OutgoingMail, rested: Timestamp) {
    let tx = world.begin().await;
    tx.mails().enqueue(mail, rested).await.unwrap();
    tx.commit().await.unwrap();
}

/// Claims all that is due now, for a minute.
async fn claim(world: &World) -> Vec<ClaimedMail> {
    let tx = world.begin().await;
    let claimed = tx.mails().claim(100, world.now(), world.now().plus_seconds(60)).await.unwrap();
    tx.commit().await.unwrap();
    claimed
}

async fn settle(world: &World, mail: &ClaimedMail, outcome: MailOutcome) {
    let tx = world.begin().await;
    tx.mails().settle(mail, &outcome).await.unwrap();
    tx.commit().await.unwrap();
}

async fn is_due(world: &World) -> bool {
    world.store().mails().is_due(world.now()).await.unwrap()
}

/// A mail is claimed as it was queued, and not again before its lease is over; one that is put off is claimed again, one
/// that was sent or given up is not.
pub async fn a_mail_waits_until_it_is_settled(store: Adapter) {
    let world = World::new(store);
    assert!(!is_due(&world).await);
    let wanted = mail(&world, MailKind::PasswordReset, "Ada@example.org");
    enqueue(&world, &wanted, world.now()).await;
    for attempts in 1..=3 {
        assert!(is_due(&world).await);
        let claimed = claim(&world).await;
        assert_eq!(claimed, [ClaimedMail { mail: wanted.clone(), attempts }]);
        assert_eq!(claimed[0].mail.email.as_str(), "Ada@example.org");
        assert!(!is_due(&world).await, "it is claimed");
        assert_eq!(claim(&world).await, []);
        match attempts {
            // Whoever has claimed it is gone.
            1 => world.clock.advance_seconds(60),
            2 => {
                let until = world.now().plus_seconds(10);
                settle(&world, &claimed[0], MailOutcome::PutOff { until, reason: "ruhe \u{1f600}".to_owned() }).await;
                world.clock.advance_seconds(9);
                assert!(!is_due(&world).await);
                world.clock.advance_seconds(1);
            }
            _ => settle(&world, &claimed[0], MailOutcome::Sent { at: world.now() }).await,
        }
    }
    world.clock.advance_seconds(100_000);
    assert_eq!(claim(&world).await, [], "it was sent");

    enqueue(&world, &mail(&world, MailKind::Verification, "ben@example.org"), world.now()).await;
    let given_up = MailOutcome::GivenUp { at: world.now(), reason: "no such mailbox".to_owned() };
    settle(&world, &claim(&world).await[0], given_up).await;
    world.clock.advance_seconds(100_000);
    assert_eq!(claim(&world).await, [], "it was given up");
}

/// A mail of a kind to an address stands for all others while it waits, in whatever case they are written, and for as long
/// after it was settled as is asked; another kind and another address are others.
pub async fn an_address_has_one_mail_of_each_kind(store: Adapter) {
    let world = World::new(store);
    let first = mail(&world, MailKind::PasswordReset, "ada@example.org");
    enqueue(&world, &first, world.now()).await;
    let others = [
        mail(&world, MailKind::Verification, "ada@example.org"),
        mail(&world, MailKind::PasswordReset, "ben@example.org"),
    ];
    for other in &others {
        enqueue(&world, other, world.now()).await;
    }
    let again = mail(&world, MailKind::PasswordReset, "ADA@example.org");
    enqueue(&world, &again, world.now().plus_seconds(1000)).await;
    let claimed = claim(&world).await;
    let found: BTreeSet<_> = claimed.iter().map(|claimed| claimed.mail.id.to_string()).collect();
    assert_eq!(found, [&first, &others[0], &others[1]].map(|mail| mail.id.to_string()).into());

    let settled_at = world.now();
    for claimed in claimed {
        settle(&world, &claimed, MailOutcome::Sent { at: settled_at }).await;
    }
    world.clock.advance_seconds(60);
    let again = mail(&world, MailKind::PasswordReset, "ADA@example.org");
    enqueue(&world, &again, at_micros(settled_at.as_micros() - 1)).await;
    assert_eq!(claim(&world).await, [], "it has not rested");
    enqueue(&world, &again, settled_at).await;
    let claimed = claim(&world).await;
    assert_eq!(claimed, [ClaimedMail { mail: again.clone(), attempts: 1 }]);
    assert_eq!(claimed[0].mail.email.as_str(), "ADA@example.org");
}

fn at_micros(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros).unwrap()
}

/// Those that have been due the longest are claimed first, no more than asked for.
pub async fn mails_are_claimed_in_their_order(store: Adapter) {
    let world = World::new(store);
    for number in 0..5 {
        enqueue(&world, &mail(&world, MailKind::PasswordReset, &format!("{number}@example.org")), world.now()).await;
        world.clock.advance_seconds(1);
    }
    let lease = world.now().plus_seconds(60);
    let mut found = Vec::new();
    for count in [2, 2, 1, 0] {
        let tx = world.begin().await;
        let mut claimed = tx.mails().claim(2, world.now(), lease).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(claimed.len(), count);
        claimed.sort_by_key(|claimed| claimed.mail.created_at);
        found.extend(claimed.into_iter().map(|claimed| claimed.mail.email.as_str().to_owned()));
    }
    assert_eq!(found, [0, 1, 2, 3, 4].map(|number| format!("{number}@example.org")));
}

/// Whoever takes longer than the lease has nothing more to say of a mail that another has claimed.
pub async fn a_claim_that_was_lost_settles_nothing(store: Adapter) {
    let world = World::new(store);
    enqueue(&world, &mail(&world, MailKind::PasswordReset, "ada@example.org"), world.now()).await;
    let slow = claim(&world).await.remove(0);
    world.clock.advance_seconds(60);
    let quick = claim(&world).await.remove(0);
    settle(&world, &slow, MailOutcome::GivenUp { at: world.now(), reason: "slow".to_owned() }).await;
    let until = world.now().plus_seconds(5);
    settle(&world, &quick, MailOutcome::PutOff { until, reason: "quick".to_owned() }).await;
    world.clock.advance_seconds(5);
    assert_eq!(claim(&world).await.len(), 1, "it was put off, not given up");
}

/// Of eight who claim at once until nothing is left, no two get the same mail, and none is left over.
pub async fn no_mail_is_claimed_twice(store: Adapter) {
    let world = World::new(store);
    for number in 0..40 {
        enqueue(&world, &mail(&world, MailKind::PasswordReset, &format!("{number}@example.org")), world.now()).await;
    }
    let (now, lease) = (world.now(), world.now().plus_seconds(60));
    let claimed = at_once(8, |_| {
        let app = world.app.clone();
        async move {
            let mut ids = Vec::new();
            loop {
                let tx = app.store.begin().await.unwrap();
                let claimed = tx.mails().claim(3, now, lease).await.unwrap();
                tx.commit().await.unwrap();
                if claimed.is_empty() && !app.store.mails().is_due(now).await.unwrap() {
                    return ids;
                }
                ids.extend(claimed.into_iter().map(|claimed| claimed.mail.id.to_string()));
            }
        }
    })
    .await;
    let ids: Vec<String> = claimed.into_iter().flatten().collect();
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (40, 40));
}

fn token(user: &User, first: u8, purpose: TokenPurpose, expires_at: Timestamp) -> MailToken {
    MailToken { hash: hash(first), purpose, user_id: user.id, email: user.email.clone(), expires_at }
}

fn hash(first: u8) -> MailTokenHash {
    let mut bytes = [0xff; 32];
    bytes[0] = first;
    MailTokenHash::new(bytes)
}

async fn insert_token(world: &World, token: &MailToken) {
    let tx = world.begin().await;
    tx.mails().insert_token(token).await.unwrap();
    tx.commit().await.unwrap();
}

/// Whose token it is, by the look-up and by its use, which agree.
async fn take(world: &World, first: u8, purpose: TokenPurpose) -> Option<UserId> {
    let found = world.store().mails().find_token_owner(&hash(first), purpose, world.now()).await.unwrap();
    let tx = world.begin().await;
    let taken = tx.mails().take_token(&hash(first), purpose, world.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(found.map(|user| user.id), taken);
    taken
}

/// A token leads to its user once, for its purpose only, until the microsecond before it expires.
pub async fn a_token_is_good_once_for_its_purpose(store: Adapter) {
    use TokenPurpose::{ResetPassword, VerifyEmail};
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let expires_at = world.now().plus_seconds(60);
    insert_token(&world, &token(&ada, 1, ResetPassword, expires_at)).await;
    insert_token(&world, &token(&ben, 2, VerifyEmail, expires_at)).await;
    insert_token(&world, &token(&ben, 3, VerifyEmail, expires_at)).await;
    assert_eq!(take(&world, 1, VerifyEmail).await, None);
    assert_eq!(take(&world, 9, ResetPassword).await, None);
    let tx = world.begin().await;
    assert_eq!(tx.mails().take_token(&hash(1), ResetPassword, world.now()).await.unwrap(), Some(ada.id));
    drop(tx);
    assert_eq!(take(&world, 1, ResetPassword).await, Some(ada.id), "without a commit it was not used");
    assert_eq!(take(&world, 1, ResetPassword).await, None);
    world.clock.set(at_micros(expires_at.as_micros() - 1));
    assert_eq!(take(&world, 2, VerifyEmail).await, Some(ben.id));
    world.clock.set(expires_at);
    assert_eq!(take(&world, 3, VerifyEmail).await, None);
}

/// A token went to an address. Where its user has another by now, it is no good; a change of case is no other.
pub async fn a_token_is_bound_to_its_address(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let purpose = TokenPurpose::ResetPassword;
    for (email, is_good) in [("ADA@example.org", true), ("augusta@example.org", false)] {
        insert_token(&world, &token(&ada, 1, purpose, world.now().plus_seconds(60))).await;
        let email = EmailAddress::parse(email).unwrap();
        let tx = world.begin().await;
        tx.users().update(&User::restore(UserState { email, ..UserState::clone(&ada) })).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(take(&world, 1, purpose).await.is_some(), is_good);
    }
}

/// Of sixteen uses of one token at once, one succeeds.
pub async fn one_of_sixteen_uses_of_a_mailed_token_succeeds(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    insert_token(&world, &token(&ada, 1, TokenPurpose::ResetPassword, world.now().plus_seconds(60))).await;
    let now = world.now();
    let taken = at_once(16, |_| {
        let app = world.app.clone();
        async move {
            let tx = app.store.begin().await.unwrap();
            let taken = tx.mails().take_token(&hash(1), TokenPurpose::ResetPassword, now).await.unwrap();
            tx.commit().await.unwrap();
            taken
        }
    })
    .await;
    assert_eq!(taken.into_iter().flatten().collect::<Vec<_>>(), [ada.id]);
}

/// A user's tokens for a purpose are forgotten, and no others.
pub async fn a_user_s_tokens_are_forgotten_by_purpose(store: Adapter) {
    use TokenPurpose::{ResetPassword, VerifyEmail};
    let world = World::new(store);
    let (ada, ben) = (world.host("ada").await, world.host("ben").await);
    let expires_at = world.now().plus_seconds(60);
    for (first, user, purpose) in
        [(1, &ada, ResetPassword), (2, &ada, ResetPassword), (3, &ada, VerifyEmail), (4, &ben, ResetPassword)]
    {
        insert_token(&world, &token(user, first, purpose, expires_at)).await;
    }
    let tx = world.begin().await;
    tx.mails().forget_tokens(ada.id, ResetPassword).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((take(&world, 1, ResetPassword).await, take(&world, 2, ResetPassword).await), (None, None));
    assert_eq!(
        (take(&world, 3, VerifyEmail).await, take(&world, 4, ResetPassword).await),
        (Some(ada.id), Some(ben.id))
    );
}

/// What was sent, given up or has expired by the times that are given is forgotten; what waits is not.
pub async fn what_is_settled_or_expired_is_forgotten(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let start = world.now();
    for number in 0..3 {
        enqueue(&world, &mail(&world, MailKind::PasswordReset, &format!("{number}@example.org")), start).await;
    }
    let mut claimed = claim(&world).await;
    claimed.sort_by_key(|claimed| claimed.mail.email.as_str().to_owned());
    settle(&world, &claimed[0], MailOutcome::Sent { at: start }).await;
    settle(&world, &claimed[1], MailOutcome::GivenUp { at: start, reason: "x".to_owned() }).await;
    insert_token(&world, &token(&ada, 1, TokenPurpose::ResetPassword, start.plus_seconds(1))).await;
    insert_token(&world, &token(&ada, 2, TokenPurpose::ResetPassword, start.plus_seconds(2))).await;

    let before = at_micros(start.as_micros() - 1);
    // A mail that is still known keeps another of its kind from being queued.
    let still_known = async || {
        let mut known = Vec::new();
        for number in 0..3 {
            let again = mail(&world, MailKind::PasswordReset, &format!("{number}@example.org"));
            let tx = world.begin().await;
            tx.mails().enqueue(&again, before).await.unwrap();
            let claimed = tx.mails().claim(100, world.now(), world.now().plus_seconds(60)).await.unwrap();
            drop(tx);
            known.push(!claimed.iter().any(|claimed| claimed.mail.id == again.id));
        }
        known
    };
    for (sent, given_up, known) in [
        (before, before, [true, true, true]),
        (start, before, [false, true, true]),
        (start, start, [false, false, true]),
    ] {
        let tx = world.begin().await;
        tx.mails().forget(sent, given_up, start.plus_seconds(1)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(still_known().await, known);
    }
    assert_eq!(take(&world, 1, TokenPurpose::ResetPassword).await, None);
    assert_eq!(take(&world, 2, TokenPurpose::ResetPassword).await, Some(ada.id));
}
