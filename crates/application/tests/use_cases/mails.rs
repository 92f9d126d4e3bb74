//! Mails: what they say, when they are sent, and what can be done with the tokens in them.

use confab_application::accounts::{LogIn, NewAccount, Registered, authenticate, change_password, log_in, register};
use confab_application::mail::{
    RetryPolicy, deliver, housekeeping, request_password_reset, request_verification, reset_password, verify_email,
};
use confab_application::ports::{Mail, MailError};
use confab_application::{App, Error, Unauthenticated};
use confab_domain::{EmailAddress, Origin, User};
use confab_store_contract::testing::{KeptMails, PASSWORD, World};

use crate::{change, fault, faults, suspend, unauthenticated, world};

const NEW: &str = "another password";
const POLICY: RetryPolicy = RetryPolicy { first_seconds: 30, max_attempts: 3 };

/// Everything that is sent now.
async fn sent(world: &World) -> Vec<Mail> {
    let mails = KeptMails::default();
    while deliver(&world.app, &mails, POLICY).await.unwrap() > 0 {}
    mails.take()
}

/// The subject of the one mail that is sent now, and the token in it.
async fn one_sent(world: &World) -> (String, String) {
    let mails = sent(world).await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    (mails[0].subject.clone(), KeptMails::token(&mails[0]).unwrap_or_default().to_owned())
}

/// Lets the addresses rest from mails.
fn rest(world: &World) {
    world.clock.advance_seconds(61);
}

fn account(password: &str) -> NewAccount {
    NewAccount {
        email: "ada@example.org".to_owned(),
        password: password.to_owned(),
        first_name: "Ada".to_owned(),
        last_name: "Lovelace".to_owned(),
        phone_number: None,
    }
}

async fn stored(world: &World) -> User {
    let email = EmailAddress::parse("ada@example.org").unwrap();
    world.store().accounts().find_credentials(&email).await.unwrap().unwrap().user
}

async fn can_log_in(world: &World, password: &str) -> bool {
    log_in(&world.app, LogIn::new("ada@example.org", password), &Origin::default()).await.is_ok()
}

#[tokio::test]
async fn whoever_registers_is_asked_to_verify_the_address() {
    let world = world();
    register(&world.app, account(PASSWORD)).await.unwrap();
    assert!(!stored(&world).await.email_verified);
    let (subject, token) = one_sent(&world).await;
    assert_eq!(subject, "Please confirm your e-mail address");
    assert_eq!(faults(verify_email(&world.app, "no such token").await), [fault("token", "invalid_token")]);
    verify_email(&world.app, &token).await.unwrap();
    assert!(stored(&world).await.email_verified);
    assert_eq!(faults(verify_email(&world.app, &token).await), [fault("token", "invalid_token")], "it is used up");
    rest(&world);
    request_verification(&world.app, "ada@example.org").await.unwrap();
    assert_eq!(sent(&world).await, [], "there is nothing left to verify");
}

#[tokio::test]
async fn another_mail_to_verify_with_is_sent_a_minute_later_at_the_soonest() {
    let world = world();
    register(&world.app, account(PASSWORD)).await.unwrap();
    one_sent(&world).await;
    for _ in 0..3 {
        request_verification(&world.app, " ADA@example.org ").await.unwrap();
    }
    let (_, token) = one_sent(&world).await;
    request_verification(&world.app, "ada@example.org").await.unwrap();
    assert_eq!(sent(&world).await, []);
    rest(&world);
    request_verification(&world.app, "ada@example.org").await.unwrap();
    one_sent(&world).await;
    verify_email(&world.app, &token).await.unwrap();
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_and_every_session_ends() {
    let world = world();
    let ada = world.host("ada").await;
    let pair = log_in(&world.app, LogIn::new("ada@example.org", PASSWORD), &Origin::default()).await.unwrap();
    request_password_reset(&world.app, "ADA@example.org").await.unwrap();
    let (subject, token) = one_sent(&world).await;
    assert_eq!(subject, "Set a new password");

    assert_eq!(
        faults(reset_password(&world.app, &token, "short".to_owned(), &Origin::default()).await),
        [fault("new_password", "too_short")]
    );
    let personal = reset_password(&world.app, &token, "Lovelace 1815".to_owned(), &Origin::default()).await;
    assert_eq!(faults(personal), [fault("new_password", "too_personal")]);
    let verified = verify_email(&world.app, &token).await;
    assert_eq!(faults(verified), [fault("token", "invalid_token")], "it is for something else");
    assert!(can_log_in(&world, PASSWORD).await, "none of it changed anything");

    reset_password(&world.app, &token, NEW.to_owned(), &Origin::default()).await.unwrap();
    assert!(!can_log_in(&world, PASSWORD).await && can_log_in(&world, NEW).await);
    assert_eq!(unauthenticated(authenticate(&world.app, &pair.access_token).await), Unauthenticated::InvalidToken);
    assert!(stored(&world).await.email_verified, "whoever has the mail has the address");
    assert_eq!(one_sent(&world).await.0, "Your password was changed");
    let again = reset_password(&world.app, &token, "yet another one".to_owned(), &Origin::default()).await;
    assert_eq!(faults(again), [fault("token", "invalid_token")]);
    assert_eq!(stored(&world).await.id, ada.id);
}

#[tokio::test]
async fn a_reset_uses_up_every_token_that_there_is() {
    let world = world();
    world.host("ada").await;
    let mut tokens = Vec::new();
    for _ in 0..2 {
        request_password_reset(&world.app, "ada@example.org").await.unwrap();
        tokens.push(one_sent(&world).await.1);
        rest(&world);
    }
    // The first is as good as the second: whoever asks for another mail takes nothing from who has got one.
    reset_password(&world.app, &tokens[0], NEW.to_owned(), &Origin::default()).await.unwrap();
    assert_eq!(
        faults(reset_password(&world.app, &tokens[1], NEW.to_owned(), &Origin::default()).await),
        [fault("token", "invalid_token")]
    );
}

#[tokio::test]
async fn tokens_expire_and_are_no_good_for_a_suspended_account() {
    let world = world();
    let ada = world.host("ada").await;
    request_password_reset(&world.app, "ada@example.org").await.unwrap();
    let (_, token) = one_sent(&world).await;
    let reset = async || faults(reset_password(&world.app, &token, NEW.to_owned(), &Origin::default()).await);
    suspend(&world, &ada).await;
    assert_eq!(reset().await, [fault("token", "invalid_token")]);
    change(&world, &ada, |state| state.active = true).await;
    world.clock.advance_seconds(world.app.settings.password_reset_seconds);
    assert_eq!(reset().await, [fault("token", "invalid_token")]);
    housekeeping(&world.app).await.unwrap();
    assert!(can_log_in(&world, PASSWORD).await);
}

#[tokio::test]
async fn nobody_is_written_to_where_nobody_or_a_suspended_account_is() {
    let world = world();
    let ada = world.host("ada").await;
    suspend(&world, &ada).await;
    for email in ["ada@example.org", "nobody@example.org"] {
        request_password_reset(&world.app, email).await.unwrap();
        request_verification(&world.app, email).await.unwrap();
    }
    assert_eq!(sent(&world).await, []);
    assert_eq!(faults(request_password_reset(&world.app, "nobody").await), [fault("email", "malformed")]);
}

#[tokio::test]
async fn a_changed_password_ends_all_other_sessions() {
    let world = world();
    world.host("ada").await;
    let mut pairs = Vec::new();
    for _ in 0..2 {
        pairs.push(log_in(&world.app, LogIn::new("ada@example.org", PASSWORD), &Origin::default()).await.unwrap());
    }
    let viewer = authenticate(&world.app, &pairs[0].access_token).await.unwrap();
    let change = async |current: &str, new: &str| {
        change_password(&world.app, &viewer, current.to_owned(), new.to_owned(), &Origin::default()).await
    };
    for (current, new, wanted) in [
        ("wrong password", NEW, vec![fault("current_password", "wrong_password")]),
        ("", NEW, vec![fault("current_password", "wrong_password")]),
        (&"x".repeat(2000), NEW, vec![fault("current_password", "wrong_password")]),
        ("wrong", "short", vec![fault("new_password", "too_short"), fault("current_password", "wrong_password")]),
        (PASSWORD, "short", vec![fault("new_password", "too_short")]),
        (PASSWORD, "common enough", vec![fault("new_password", "too_common")]),
        (PASSWORD, "Lovelace 1815", vec![fault("new_password", "too_personal")]),
    ] {
        assert_eq!(faults(change(current, new).await), wanted, "{current} {new}");
    }
    change(PASSWORD, NEW).await.unwrap();
    assert!(authenticate(&world.app, &pairs[0].access_token).await.is_ok(), "this session goes on");
    let other = authenticate(&world.app, &pairs[1].access_token).await;
    assert_eq!(unauthenticated(other), Unauthenticated::InvalidToken);
    assert!(!can_log_in(&world, PASSWORD).await && can_log_in(&world, NEW).await);
    assert_eq!(one_sent(&world).await.0, "Your password was changed");
    assert_eq!(faults(change(PASSWORD, "a third password").await), [fault("current_password", "wrong_password")]);
}

#[tokio::test]
async fn a_changed_password_makes_a_mailed_token_worthless() {
    let world = world();
    world.host("ada").await;
    request_password_reset(&world.app, "ada@example.org").await.unwrap();
    let (_, token) = one_sent(&world).await;
    let pair = log_in(&world.app, LogIn::new("ada@example.org", PASSWORD), &Origin::default()).await.unwrap();
    let viewer = authenticate(&world.app, &pair.access_token).await.unwrap();
    change_password(&world.app, &viewer, PASSWORD.to_owned(), NEW.to_owned(), &Origin::default()).await.unwrap();
    assert_eq!(
        faults(reset_password(&world.app, &token, "x".repeat(20), &Origin::default()).await),
        [fault("token", "invalid_token")]
    );
}

fn with(world: &mut World, change: impl FnOnce(&mut confab_application::Settings)) -> App {
    change(&mut world.app.settings);
    world.app.clone()
}

#[tokio::test]
async fn log_in_may_need_a_verified_address() {
    let mut world = world();
    let app = with(&mut world, |settings| settings.require_verified_email = true);
    register(&app, account(PASSWORD)).await.unwrap();
    let log_in = async |password: &str| log_in(&app, LogIn::new("ada@example.org", password), &Origin::default()).await;
    assert_eq!(unauthenticated(log_in("wrong password").await), Unauthenticated::WrongCredentials);
    assert_eq!(unauthenticated(log_in(PASSWORD).await), Unauthenticated::EmailNotVerified);
    let (_, token) = one_sent(&world).await;
    verify_email(&app, &token).await.unwrap();
    assert!(log_in(PASSWORD).await.is_ok());
}

/// The caller learns nothing: neither by the answer nor by a log-in. The owner of the address learns it all.
#[tokio::test]
async fn a_concealed_registration_tells_the_owner_of_the_address_only() {
    let mut world = world();
    let app = with(&mut world, |settings| settings.conceal_registration = true);
    let ada = world.host("ada").await;
    change(&world, &ada, |state| state.email_verified = true).await;
    let other = NewAccount { email: "new@example.org".to_owned(), ..account(NEW) };
    for account in [account(NEW), other] {
        assert_eq!(register(&app, account.clone()).await.unwrap(), Registered::WillBeWritten);
        let outcome = log_in(&app, LogIn::new(account.email.as_str(), NEW), &Origin::default()).await;
        assert_eq!(unauthenticated(outcome), Unauthenticated::WrongCredentials);
    }
    assert!(can_log_in(&world, PASSWORD).await, "the account is as it was");
    let mut mails = sent(&world).await;
    mails.sort_by_key(|mail| mail.to.as_str().to_owned());
    assert_eq!(mails[0].subject, "You have an account already");
    assert_eq!(mails[1].subject, "Please confirm your e-mail address");
    verify_email(&app, KeptMails::token(&mails[1]).unwrap()).await.unwrap();
    assert!(log_in(&app, LogIn::new("new@example.org", NEW), &Origin::default()).await.is_ok());
    // Whoever forgot that there is an account gets into it with the same mail.
    reset_password(&app, KeptMails::token(&mails[0]).unwrap(), NEW.to_owned(), &Origin::default()).await.unwrap();
    assert!(can_log_in(&world, NEW).await);
}

/// Somebody registers with another's address, and waits for the other to verify it. The other's own registration brings no
/// mail that would make the stranger's password good.
#[tokio::test]
async fn an_account_that_a_stranger_made_is_not_verified_by_its_victim_s_registration() {
    let mut world = world();
    let app = with(&mut world, |settings| settings.conceal_registration = true);
    register(&app, account("the stranger's password")).await.unwrap();
    assert_eq!(one_sent(&world).await.0, "Please confirm your e-mail address");
    rest(&world);
    register(&app, account(PASSWORD)).await.unwrap();
    let (subject, token) = one_sent(&world).await;
    assert_eq!(subject, "You have an account already");
    assert_eq!(faults(verify_email(&app, &token).await), [fault("token", "invalid_token")]);
    reset_password(&app, &token, PASSWORD.to_owned(), &Origin::default()).await.unwrap();
    assert!(can_log_in(&world, PASSWORD).await && !can_log_in(&world, "the stranger's password").await);
}

#[tokio::test]
async fn a_link_has_its_token_where_no_server_sees_it() {
    let mut world = world();
    let app = with(&mut world, |settings| settings.mail_link_base = Some("https://chat.example.org/app/".to_owned()));
    register(&app, account(PASSWORD)).await.unwrap();
    let mail = sent(&world).await.remove(0);
    assert!(mail.text.contains("\nhttps://chat.example.org/app/verify-email#token="), "{}", mail.text);
    assert!(!format!("{mail:?}").contains("token"), "it is not shown in logs: {mail:?}");
    verify_email(&app, KeptMails::token(&mail).unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_is_tried_again_and_given_up_in_the_end() {
    let world = world();
    world.host("ada").await;
    let mails = KeptMails::default();
    mails.fail(Some(MailError::Failed("the server is away".to_owned())));
    request_password_reset(&world.app, "ada@example.org").await.unwrap();
    let deliver = async || deliver(&world.app, &mails, POLICY).await.unwrap();
    assert_eq!((deliver().await, deliver().await), (1, 0));
    world.clock.advance_seconds(29);
    assert_eq!(deliver().await, 0);
    world.clock.advance_seconds(1);
    assert_eq!((deliver().await, deliver().await), (1, 0));
    mails.fail(None);
    world.clock.advance_seconds(60);
    assert_eq!((deliver().await, mails.take().len()), (1, 1), "the third time it is sent");

    mails.fail(Some(MailError::Failed("the server is away".to_owned())));
    rest(&world);
    request_password_reset(&world.app, "ada@example.org").await.unwrap();
    for _ in 0..3 {
        assert_eq!(deliver().await, 1);
        world.clock.advance_seconds(3600);
    }
    mails.fail(None);
    assert_eq!(deliver().await, 0, "it was given up");
    request_password_reset(&world.app, "ada@example.org").await.unwrap();
    assert_eq!((deliver().await, mails.take().len()), (1, 1), "and can be asked for again");
}

#[tokio::test]
async fn a_mail_that_is_refused_is_given_up_at_once_and_keeps_no_other() {
    let world = world();
    world.host("ada").await;
    let mails = KeptMails::default();
    mails.fail(Some(MailError::Refused("550 no such mailbox".to_owned())));
    request_password_reset(&world.app, "ada@example.org").await.unwrap();
    assert_eq!(deliver(&world.app, &mails, POLICY).await.unwrap(), 1);
    mails.fail(None);
    world.clock.advance_seconds(30);
    assert_eq!(deliver(&world.app, &mails, POLICY).await.unwrap(), 0);
    world.host("ben").await;
    request_password_reset(&world.app, "ben@example.org").await.unwrap();
    assert_eq!(one_sent(&world).await.0, "Set a new password");
}

#[tokio::test]
async fn an_error_that_is_not_the_caller_s_is_told_as_one() {
    let world = world();
    let ada = world.new_user("ada", confab_domain::Role::Guest);
    let outcome =
        change_password(&world.app, &world.viewer(&ada), PASSWORD.to_owned(), NEW.to_owned(), &Origin::default()).await;
    assert!(matches!(outcome, Err(Error::Unauthenticated(Unauthenticated::InvalidToken))), "{outcome:?}");
}
