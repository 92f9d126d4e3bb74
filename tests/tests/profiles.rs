//! Production does not start on what is not safe, and says how to mend it; `check` says the same.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use confab_tests::{Process, cluster};
use sea_orm::{ConnectionTrait as _, Database};
use serde_json::Value;
use tempfile::TempDir;

type Settings = Vec<(String, String)>;

/// What production starts on: the example's file, on SQLite.
fn safe() -> Settings {
    let settings = [
        ("CONFAB__SERVER__BIND", "127.0.0.1:0"),
        ("CONFAB__SERVER__TRUSTED_PROXIES", r#"["127.0.0.1"]"#),
        ("CONFAB__AUTH__SIGNING_KEY_FILE", "data/signing.key"),
        ("CONFAB__DATABASE__URL", "sqlite://data/confab.db"),
        ("CONFAB__MAIL__TRANSPORT", "smtp"),
        ("CONFAB__MAIL__FROM", "Confab <confab@chat.example.org>"),
    ];
    settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn with(settings: &[(&str, &str)]) -> Settings {
    safe().into_iter().chain(settings.iter().map(|(name, value)| (name.to_string(), value.to_string()))).collect()
}

fn file() -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/config/production.toml").to_owned()
}

fn run(folder: &Path, arguments: &[&str], settings: &Settings, input: &str) -> Output {
    let file = file();
    Process::run(folder, &[&["--config", file.as_str()], arguments].concat(), settings, input)
}

/// What production says when it refuses to start.
#[track_caller]
fn refusal(folder: &Path, settings: &Settings) -> String {
    let output = run(folder, &["serve"], settings, "");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("production (deployment.profile) does not start on what is not safe"), "{said}");
    said
}

/// Production refuses with this finding, and the same server in development starts.
#[track_caller]
fn refuses(folder: &Path, settings: &[(&str, &str)], id: &str, expected: &[&str]) {
    let settings = with(settings);
    let said = refusal(folder, &settings);
    for part in expected.iter().copied().chain([format!("[{id}]").as_str()]) {
        assert!(said.contains(part), "{part:?} is not in:\n{said}");
    }
    assert_eq!(said.matches("  [").count(), 1, "nothing else:\n{said}");
    let output = run(folder, &["check", "--json"], &settings, "");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &report["errors"]), (Some(1), &Value::from(1)), "{report:#}");
    assert_eq!(report["findings"][0]["id"], id);
}

fn starts(folder: &Path, profile: &str, settings: &Settings) -> Process {
    let file = file();
    let command = Process::command(folder, &["--config", &file, "--profile", profile, "serve"], settings, &[]);
    let process = Process::start(command);
    process.wait_for(|line| line.contains("is ready").then_some(()));
    process
}

fn signing_key(folder: &Path, text: &str, mode: u32) {
    fs::create_dir_all(folder.join("data")).unwrap();
    let path = folder.join("data/signing.key");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn production_starts_on_what_is_safe() {
    let folder = TempDir::new().unwrap();
    let output = run(folder.path(), &["check"], &safe(), "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(!folder.path().join("data").exists(), "check makes nothing");
    drop(starts(folder.path(), "production", &safe()));
    let output = run(folder.path(), &["check"], &safe(), "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_signing_key_that_is_thought_up_short_or_open_to_others() {
    // "change me, change me, change me, please" in base64url.
    let thought_up = "Y2hhbmdlIG1lLCBjaGFuZ2UgbWUsIGNoYW5nZSBtZSwgcGxlYXNl";
    let good = "qL7mW2xS9dJ4vR0uZ8cT1pK5nB3hF6gY-aE_iOoXsQ0";
    let second = |key: &str| format!("{good}\n{key} 2026-01-31T09:30:00Z 2026-01-31T09:30:10Z\n");
    for (text, mode, expected) in [
        (thought_up, 0o600, "was thought up and not made at random"),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 0o600, "was thought up and not made at random"),
        ("c2hvcnQ", 0o600, "must have at least 32"),
        (good, 0o640, "run: chmod 600"),
        (&second("c2hvcnQ"), 0o600, "(line 2) has 5 bytes, and must have at least 32"),
        (&second(thought_up), 0o600, "was thought up and not made at random"),
    ] {
        let folder = TempDir::new().unwrap();
        signing_key(folder.path(), text, mode);
        refuses(folder.path(), &[], "signing_key", &[expected]);
    }
}

#[test]
fn plain_http_without_a_trusted_proxy() {
    let folder = TempDir::new().unwrap();
    refuses(
        folder.path(),
        &[("CONFAB__SERVER__TRUSTED_PROXIES", "[]")],
        "plain_http",
        &["no trusted proxy is in front", "set tls.certificate_file and tls.key_file, or name the proxy"],
    );
    let everybody = [("CONFAB__SERVER__TRUSTED_PROXIES", r#"["0.0.0.0/0"]"#)];
    refuses(folder.path(), &everybody, "proxies_anyone", &["name only the addresses of your proxies"]);
}

#[test]
fn cors_for_everybody() {
    // In every profile, for there is no use for it.
    let folder = TempDir::new().unwrap();
    let settings = with(&[("CONFAB__CORS__ALLOWED_ORIGINS", r#"["*"]"#)]);
    let output = run(folder.path(), &["serve"], &settings, "");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("cors.allowed_origins must hold origins") && said.contains("but holds \"*\""), "{said}");
}

#[test]
fn a_database_that_the_nodes_cannot_share() {
    let folder = TempDir::new().unwrap();
    let nodes = ("CONFAB__DEPLOYMENT__NODES", "2");
    refuses(folder.path(), &[nodes], "sqlite_with_many_nodes", &["set database.url to postgres://"]);
    refuses(folder.path(), &[("CONFAB__DATABASE__URL", "memory:")], "database_in_memory", &["nothing is kept"]);
}

#[test]
fn documentation_for_everybody() {
    let folder = TempDir::new().unwrap();
    refuses(folder.path(), &[("CONFAB__SERVER__DOCS", "public")], "public_docs", &["set server.docs = \"off\""]);
    let short = [("CONFAB__SERVER__DOCS", "password"), ("CONFAB__SERVER__DOCS_PASSWORD", "short")];
    refuses(folder.path(), &short, "short_docs_password", &["openssl rand"]);
}

#[test]
fn mails_that_are_not_sent() {
    let folder = TempDir::new().unwrap();
    for transport in ["file", "log"] {
        let settings = [("CONFAB__MAIL__TRANSPORT", transport)];
        refuses(folder.path(), &settings, "no_mail", &["set mail.transport = \"smtp\"", "confab mail test"]);
    }
}

#[test]
fn hashes_that_are_cheap_to_guess() {
    let folder = TempDir::new().unwrap();
    let cheap = [("CONFAB__PASSWORDS__MEMORY_KIB", "8192")];
    refuses(folder.path(), &cheap, "weak_hashes", &["set passwords.memory_kib = 19456"]);
}

#[test]
fn an_admin_with_a_password_from_the_documentation() {
    let folder = TempDir::new().unwrap();
    let create = |email: &str, role: &str, password: &str| {
        let names = ["--first-name", "A", "--last-name", "B"];
        let arguments = [&["user", "create", "--role", role, "--email", email][..], &names].concat();
        let output = run(folder.path(), &arguments, &safe(), &format!("{password}\n"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    create("host@example.org", "host", "correct horse battery");
    create("good@example.org", "admin", "nothing like the readme 7");
    drop(starts(folder.path(), "production", &safe()));
    create("root@example.org", "admin", "correct horse battery");
    refuses(folder.path(), &[], "documented_password", &["the admin root@example.org", "give the account another one"]);
    drop(starts(folder.path(), "development", &safe()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_that_does_not_wait_for_the_disk() {
    let database = cluster().await;
    let folder = TempDir::new().unwrap();
    let url = database.url();
    let on = [("CONFAB__DATABASE__URL", url.as_str())];
    drop(starts(folder.path(), "production", &with(&on)));
    let connection = Database::connect(&url).await.unwrap();
    connection.execute_unprepared("ALTER SYSTEM SET synchronous_commit = off").await.unwrap();
    connection.execute_unprepared("SELECT pg_reload_conf()").await.unwrap();
    let is_off = async || {
        let fresh = Database::connect(&url).await.unwrap();
        fresh
            .query_one_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, "SHOW synchronous_commit"))
            .await
            .unwrap()
            .unwrap()
            .try_get_by_index::<String>(0)
            .unwrap()
            == "off"
    };
    while !is_off().await {}
    refuses(folder.path(), &on, "database_forgets", &["synchronous_commit is off", "ALTER SYSTEM SET"]);
    let process = starts(folder.path(), "development", &with(&on));
    let log = process.wait_for_log(|line| line.contains("serving"));
    assert!(log.iter().any(|line| line.contains("synchronous_commit is off")), "{log:?}");
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let folder = TempDir::new().unwrap();
    signing_key(folder.path(), "c2hvcnQ", 0o600);
    let settings = with(&[
        ("CONFAB__SERVER__TRUSTED_PROXIES", "[]"),
        ("CONFAB__SERVER__DOCS", "public"),
        ("CONFAB__MAIL__TRANSPORT", "log"),
        ("CONFAB__PASSWORDS__ITERATIONS", "1"),
        ("CONFAB__DEPLOYMENT__NODES", "3"),
    ]);
    let said = refusal(folder.path(), &settings);
    for id in ["signing_key", "plain_http", "public_docs", "weak_hashes", "no_mail", "sqlite_with_many_nodes"] {
        assert!(said.contains(&format!("[{id}] ")), "{id} is not in:\n{said}");
    }
    assert!(!folder.path().join("data/confab.db").exists(), "nothing is made by a refusal");
    let staging = starts(
        folder.path(),
        "staging",
        &with(&[("CONFAB__SERVER__DOCS", "public")])
            .into_iter()
            .filter(|(name, _)| name != "CONFAB__AUTH__SIGNING_KEY_FILE")
            .chain([("CONFAB__AUTH__SIGNING_KEY_FILE".to_owned(), "other.key".to_owned())])
            .collect(),
    );
    let log = staging.wait_for_log(|line| line.contains("serving"));
    assert!(log.iter().any(|line| line.contains("public_docs")), "staging tells it in the log: {log:?}");
}

#[test]
fn check_judges_as_production_only_where_asked() {
    let folder = TempDir::new().unwrap();
    let check = |arguments: &[&str]| {
        let output = Process::run(folder.path(), arguments, &[], "");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), report)
    };
    let (code, report) = check(&["check", "--json"]);
    assert_eq!((code, &report["errors"], &report["profile"]), (Some(0), &Value::from(0), &Value::from("development")));
    let (code, report) = check(&["check", "--json", "--deploy"]);
    let ids: Vec<_> = report["findings"].as_array().unwrap().iter().map(|finding| finding["id"].clone()).collect();
    assert_eq!(code, Some(1), "{report:#}");
    for id in ["plain_http", "public_docs", "any_host", "no_hsts"] {
        assert!(ids.contains(&Value::from(id)), "{ids:?}");
    }
    let output = Process::run(folder.path(), &["check", "--deploy", "--profile", "prod"], &[], "");
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn config_print_tells_every_setting_its_origin_and_no_secret() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("confab.toml"), "[server]\nworkers = 2\ndocs_password = \"tell nobody\"\n").unwrap();
    let settings = vec![
        ("CONFAB__DATABASE__URL".to_owned(), "postgres://ada:secret@db.example/confab".to_owned()),
        ("CONFAB__LOG__FORMAT".to_owned(), "json".to_owned()),
    ];
    let output = Process::run(folder.path(), &["config", "print", "--origin", "--profile", "staging"], &settings, "");
    let said = String::from_utf8(output.stdout).unwrap();
    for line in [
        "profile = \"staging\"  # --profile",
        "workers = 2  # confab.toml",
        "docs_password = \"(hidden)\"  # confab.toml",
        "url = \"postgres://db.example/confab\"  # CONFAB__DATABASE__URL",
        "format = \"json\"  # CONFAB__LOG__FORMAT",
        "max_connections = 16  # the built-in defaults",
        "send = \"100/10s\"  # the built-in defaults",
    ] {
        assert!(said.lines().any(|found| found == line), "{line:?} is not in:\n{said}");
    }
    assert!(!said.contains("secret") && !said.contains("tell nobody"), "{said}");
    let bare = Process::run(folder.path(), &["config", "print"], &settings, "");
    let bare = String::from_utf8(bare.stdout).unwrap();
    assert!(!bare.contains('#'), "{bare}");
}

#[test]
fn every_example_is_a_configuration() {
    let folder = TempDir::new().unwrap();
    for profile in ["development", "staging", "production"] {
        let file = format!("{}/../deploy/config/{profile}.toml", env!("CARGO_MANIFEST_DIR"));
        let output = Process::run(folder.path(), &["--config", &file, "config", "print"], &[], "");
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(&format!("profile = \"{profile}\"")), "{said}{:?}", output.stderr);
    }
}

#[tokio::test]
async fn the_documentation_may_have_a_password_or_be_off() {
    let folder = TempDir::new().unwrap();
    let base = |settings: &[(&str, &str)]| {
        let settings = [&[("CONFAB__DATABASE__URL", "memory:")], settings].concat();
        let settings: Vec<_> = settings.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let process =
            Process::start(Process::command(folder.path(), &["serve", "--bind", "127.0.0.1:0"], &settings, &[]));
        let base = process.wait_for(|line| Some(line.split_once("ready: ")?.1.to_owned()));
        (process, base)
    };
    let http = reqwest::Client::new();
    let get = async |url: String, password: Option<&str>| {
        let request = http.get(url);
        let request = match password {
            Some(password) => request.basic_auth("anybody", Some(password)),
            None => request,
        };
        request.send().await.unwrap()
    };
    let password = "not the one you think";
    let (_process, locked) = base(&[("CONFAB__SERVER__DOCS", "password"), ("CONFAB__SERVER__DOCS_PASSWORD", password)]);
    for path in ["/docs/", "/docs/swagger-ui.css", "/api/openapi.json"] {
        let url = format!("{locked}{path}");
        let refused = get(url.clone(), None).await;
        assert_eq!(refused.status().as_u16(), 401, "{path}");
        assert!(refused.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic realm="), "{path}");
        assert_eq!(get(url.clone(), Some("not the one you thinj")).await.status().as_u16(), 401, "{path}");
        assert_eq!(get(url, Some(password)).await.status().as_u16(), 200, "{path}");
    }
    assert_eq!(get(format!("{locked}/healthz"), None).await.status().as_u16(), 200);
    let (_process, off) = base(&[("CONFAB__SERVER__DOCS", "off")]);
    for path in ["/docs/", "/docs", "/api/openapi.json"] {
        assert_eq!(get(format!("{off}{path}"), None).await.status().as_u16(), 404, "{path}");
    }
}
