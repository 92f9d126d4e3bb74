//! Mails through a real mail server on this machine: with and without TLS, and when it is away, slow or unwilling.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::time::{Duration, Instant};

use confab_tests::{Backend, MailServer, Mails, Mood, Process, Secured, Server, ServerOptions, on_each_backend};
use serde_json::json;
use tempfile::TempDir;

on_each_backend!([sqlite, postgres] a_mail_server_that_is_away_slows_nothing_and_loses_nothing);

fn options(mail_server: &MailServer, folder: &TempDir) -> ServerOptions {
    let settings = mail_server.settings(&folder.path().join("ca.pem"));
    ServerOptions { settings, ..ServerOptions::default() }
}

async fn forgot(server: &Server, email: &str) {
    let answer = server.api().post("/api/v1/auth/password/forgot", &json!({ "email": email })).await;
    assert_eq!(answer.status, 202);
}

/// `confab mail test` sends through STARTTLS, TLS and, on this machine, neither; it logs in, and trusts no strangers.
#[tokio::test(flavor = "multi_thread")]
async fn the_test_of_the_command_line_sends_a_mail() {
    for (secured, name) in [(Secured::StartTls, "starttls"), (Secured::Tls, "tls"), (Secured::No, "none")] {
        let (mail_server, folder) = (MailServer::start(secured).await, TempDir::new().unwrap());
        let mut settings: Vec<_> = mail_server.settings(&folder.path().join("ca.pem"));
        let run = |settings: &[(&str, String)]| {
            let settings: Vec<_> = settings.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
            let path = folder.path().to_owned();
            async move {
                let run = move || Process::run(&path, &["mail", "test", "--to", "zoe@example.org"], &settings, "");
                tokio::task::spawn_blocking(run).await.unwrap()
            }
        };
        let output = run(&settings).await;
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let mail = mail_server.received().pop().unwrap();
        assert_eq!((mail.to.as_str(), mail.secured), ("zoe@example.org", secured != Secured::No), "{name}");
        assert_eq!(mail.credentials, "PLAIN AGNvbmZhYgBodW50ZXIy", "{name}");
        assert!(mail.text.contains("Subject: A test\n"), "{}", mail.text);

        mail_server.be(Mood::NoSuchMailbox);
        let output = run(&settings).await;
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && error.contains("550"), "{name}: {error}");
        mail_server.be(Mood::Good);
        if secured != Secured::No {
            settings.retain(|(name, _)| *name != "CONFAB__MAIL__SMTP_CA_FILE");
            let output = run(&settings).await;
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!output.status.success() && error.contains("certificate"), "{name}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        assert_eq!(mail_server.received().len(), 1, "{name}");
    }
}

/// A server without STARTTLS is sent nothing where STARTTLS is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_without_the_tls_that_is_asked_for() {
    let (mail_server, folder) = (MailServer::start(Secured::No).await, TempDir::new().unwrap());
    let mut settings: Vec<_> = mail_server.settings(&folder.path().join("ca.pem"));
    settings.push(("CONFAB__MAIL__SMTP_SECURITY", "starttls".to_owned()));
    let settings: Vec<_> = settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let path = folder.path().to_owned();
    let run = move || Process::run(&path, &["mail", "test", "--to", "zoe@example.org"], &settings, "");
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    assert!(!output.status.success());
    assert_eq!(mail_server.received().len(), 0);
}

/// While the mail server is away, silent, or has no time, requests are answered as fast as ever; when it is well again,
/// after a restart too, everything that was asked for arrives. What it refuses for good is given up at once.
async fn a_mail_server_that_is_away_slows_nothing_and_loses_nothing(backend: Backend) {
    let (mail_server, folder) = (MailServer::start(Secured::StartTls).await, TempDir::new().unwrap());
    let mut server = Server::with(backend, options(&mail_server, &folder)).await;
    let people = [server.person("ada", "host").await, server.person("ben", "host").await];
    for (mood, person) in [(Mood::Silent, &people[0]), (Mood::TryLater, &people[1])] {
        mail_server.be(mood);
        let asked = Instant::now();
        forgot(&server, &person.email).await;
        assert!(asked.elapsed() < Duration::from_millis(900), "{mood:?}: {:?}", asked.elapsed());
    }
    server.process().wait_for_log(|line| line.contains("will be tried again"));
    // What is being sent is done with first; a mail of a server that is killed comes when its lease is over.
    server.process().signal("TERM");
    assert_eq!(server.process().wait().code(), Some(0));
    server.restart();
    mail_server.be(Mood::Good);
    let mails = mail_server.wait_for(2).await;
    for person in &people {
        let mail = mails.iter().find(|mail| mail.to == person.email).unwrap();
        assert!(mail.secured && mail.text.contains("Subject: Set a new password\n"), "{}", mail.text);
        let reset = json!({ "token": Mails::token(&mail.text), "new_password": "a better horse battery" });
        assert_eq!(server.api().post("/api/v1/auth/password/reset", &reset).await.status, 204);
    }
    // Both are told that it was changed.
    mail_server.wait_for(4).await;

    mail_server.be(Mood::NoSuchMailbox);
    let cyd = server.person("cyd", "host").await;
    forgot(&server, &cyd.email).await;
    let log = server.process().wait_for_log(|line| line.contains("given up"));
    assert!(log.iter().any(|line| line.contains("given up") && line.contains("550")), "{log:?}");
    assert!(log.iter().all(|line| !line.contains("hunter2") && !line.contains("Token")), "{log:?}");
}

/// Two nodes send each mail once: the one that claims it, as long as nobody is killed.
#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_send_each_mail_once() {
    let (mail_server, folder) = (MailServer::start(Secured::No).await, TempDir::new().unwrap());
    let cheap = ServerOptions::cheap_passwords();
    let mut settings = options(&mail_server, &folder).settings;
    settings.extend(cheap.settings);
    let first = Server::with(Backend::Postgres, ServerOptions { settings, ..ServerOptions::default() }).await;
    let second = first.another_node();
    let (one, other) = (first.api(), second.api());
    let signed_up = (0..20).map(|number| {
        let api = if number % 2 == 0 { &one } else { &other };
        async move { api.sign_up(&format!("person{number}")).await.email }
    });
    let mut emails = futures_util::future::join_all(signed_up).await;
    mail_server.wait_for(20).await;
    // One more, after which nothing of the others can still be on its way.
    let last = first.api().sign_up("last").await.email;
    let mails = mail_server.wait_for(21).await;
    emails.push(last);
    let mut found: Vec<_> = mails.into_iter().map(|mail| mail.to).collect();
    found.sort_unstable();
    emails.sort_unstable();
    assert_eq!(found, emails);
}
