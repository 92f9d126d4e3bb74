//! Every layer, and what each kind of mistake is answered.

use std::ffi::OsString;

use figment::value::{Num, Value};

use super::*;

fn defaults() -> Layer {
    Layer::defaults(DEFAULTS).unwrap()
}

fn file(text: &str) -> Layer {
    Layer::toml("confab.toml".to_owned(), text).unwrap()
}

fn environment(variables: &[(&str, &str)]) -> Result<Layer, ConfigError> {
    let variables = variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Layer::environment(variables, &defaults())
}

fn load(layers: &[Layer]) -> Config {
    Config::from_layers(&defaults(), layers).unwrap()
}

fn error(layer: Layer) -> String {
    Config::from_layers(&defaults(), &[layer]).unwrap_err().to_string()
}

fn file_error(text: &str) -> String {
    error(file(text))
}

fn variable_error(name: &str, value: &str) -> String {
    match environment(&[(name, value)]) {
        Ok(layer) => error(layer),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_defaults_are_those_of_the_crates_that_heed_them() {
    let config = load(&[]);
    assert_eq!(config.server.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database.url, DatabaseUrl::Url("sqlite://data/confab.db".to_owned()));
    assert!(config.database.migrate_on_start);
    assert_eq!(config.log.filter, "info");
    assert_eq!(config.log.format, LogFormat::Text);
    assert_eq!(config.passwords.to_settings(), confab_security::Argon2Settings::default());
    let (ours, theirs) = (config.application(), confab_application::Settings::default());
    assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
    let (ours, theirs) = (config.http(), confab_http::Settings::default());
    assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
}

#[test]
fn each_layer_overrides_those_before_it() {
    let text = "[server]\nworkers = 2\nmax_body_bytes = 4096\nbind = \"127.0.0.1:1\"\n[log]\nfilter = \"warn\"";
    let variables = environment(&[
        ("CONFAB__SERVER__MAX_BODY_BYTES", "8192"),
        ("CONFAB__SERVER__BIND", "127.0.0.1:2"),
        ("CONFAB__CORS__ALLOWED_ORIGINS", r#"["https://one.example", "https://two.example:8443"]"#),
        ("CONFAB__RATE_LIMIT__ENABLED", "false"),
        ("CONFAB__LOG__FORMAT", "json"),
        ("CONFAB_SERVICE_HOST", "10.0.0.1"),
        ("PATH", "/bin"),
    ]);
    let flag = Layer::flag("--bind", "server", "bind", "127.0.0.1:3");
    let config = load(&[file(text), variables.unwrap(), flag]);
    assert_eq!(config.server.workers.get(), 2);
    assert_eq!(config.server.max_body_bytes.get(), 8192);
    assert_eq!(config.server.bind.port(), 3);
    assert_eq!(config.server.request_timeout_seconds.get(), 15);
    assert_eq!(config.cors.allowed_origins, ["https://one.example", "https://two.example:8443"]);
    assert!(config.http().rate_limit.is_none());
    assert_eq!((config.log.filter.as_str(), config.log.format), ("warn", LogFormat::Json));
}

#[test]
fn text_in_a_variable_is_taken_as_it_is() {
    let variables = environment(&[
        ("CONFAB__AUTH__SIGNING_KEY_FILE", "123"),
        ("CONFAB__DATABASE__URL", "postgres://u:[1,2]@h/db"),
        ("CONFAB__LOG__FILTER", "info,sqlx::query=debug"),
    ]);
    let config = load(&[variables.unwrap()]);
    assert_eq!(config.auth.signing_key_file, PathBuf::from("123"));
    assert_eq!(config.database.url, DatabaseUrl::Url("postgres://u:[1,2]@h/db".to_owned()));
    assert_eq!(config.log.filter, "info,sqlx::query=debug");
}

#[test]
fn every_setting_can_be_set_by_a_variable() {
    let defaults = defaults();
    for (section, keys) in defaults.settings() {
        for (key, value) in keys.as_dict().unwrap() {
            let name = format!("CONFAB__{section}__{key}").to_uppercase();
            let text = match value {
                Value::String(_, text) => text.clone(),
                Value::Bool(_, value) => value.to_string(),
                Value::Num(_, Num::I64(number)) => number.to_string(),
                Value::Array(_, items) if items.is_empty() => "[]".to_owned(),
                other => panic!("{name}: {other:?}"),
            };
            let layer = environment(&[(&name, &text)]).unwrap();
            assert!(Config::from_layers(&defaults, &[layer]).is_ok(), "{name}={text}");
            if !matches!(value, Value::String(..)) {
                let error = variable_error(&name, "{}");
                assert!(error.starts_with(&format!("{name}: {section}.{key} must be ")), "{error}");
            }
        }
    }
}

#[test]
fn unknown_settings_are_named_with_their_place_and_what_there_is() {
    assert_eq!(
        file_error("[policy]\nguest_can_start_directs = true"),
        "confab.toml: there is no setting policy.guest_can_start_directs; [policy] has guest_can_start_direct, history_after_leave, edit_window_seconds"
    );
    assert_eq!(
        file_error("[serve]\nbind = \"127.0.0.1:1\""),
        "confab.toml: there is no section [serve]; there are deployment, server, tls, database, auth, passwords, mail, policy, cors, \
         rate_limit, log"
    );
    assert_eq!(
        file_error("bind = \"127.0.0.1:1\""),
        "confab.toml: there is no section [bind]; there are deployment, server, tls, database, auth, passwords, mail, policy, cors, \
         rate_limit, log"
    );
    assert_eq!(
        variable_error("CONFAB__LOG__LEVEL", "info"),
        "CONFAB__LOG__LEVEL: there is no setting log.level; [log] has filter, format"
    );
    assert!(variable_error("CONFAB__SERVE__BIND", "x").starts_with("CONFAB__SERVE__BIND: there is no s"));
    for name in ["CONFAB__", "CONFAB__SERVER", "CONFAB__SERVER__BIND__PORT", "CONFAB____BIND__X"] {
        let error = variable_error(name, "1");
        assert_eq!(error, format!("{name}: is no setting; they are named CONFAB__SECTION__KEY"));
    }
}

#[test]
fn values_that_are_not_allowed_are_named_with_their_limits() {
    for (text, message) in [
        (
            "[auth]\naccess_token_seconds = 59",
            "auth.access_token_seconds must be a whole number from 60 to 86400, but is 59",
        ),
        (
            "[auth]\naccess_token_seconds = \"600\"",
            "auth.access_token_seconds must be a whole number from 60 to 86400, but is \"600\"",
        ),
        (
            "[auth]\naccess_token_seconds = 600.0",
            "auth.access_token_seconds must be a whole number from 60 to 86400, but is 600.0",
        ),
        ("[server]\nworkers = -1", "server.workers must be a whole number from 0 to 1024, but is -1"),
        (
            "[server]\nbind = \"localhost:8080\"",
            "server.bind must be an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080, but is \
             \"localhost:8080\"",
        ),
        ("[server]\nbind = 8080", "server.bind must be text, but is 8080"),
        ("[auth]\nsigning_key_file = \"\"", "auth.signing_key_file must name a file"),
        ("server = 1", "server must be a section, but is 1"),
        ("[server.bind]\nport = 1", "server.bind must be text, but is a section"),
        ("[database]\nmigrate_on_start = \"yes\"", "database.migrate_on_start must be true or false, but is \"yes\""),
        ("[cors]\nallowed_origins = \"*\"", "cors.allowed_origins must be a list, but is \"*\""),
        ("[log]\nformat = \"xml\"", "log.format must be text or json, but is \"xml\""),
        ("[passwords]\niterations = 0", "passwords.iterations must be from 1 to 1000, but is 0"),
        ("[passwords]\nmemory_kib = 8\nparallelism = 2", "passwords.memory_kib must be from 16 to 4194304, but is 8"),
    ] {
        assert_eq!(file_error(text), format!("confab.toml: {message}"));
    }
    assert_eq!(
        variable_error("CONFAB__DATABASE__MAX_CONNECTIONS", "many"),
        "CONFAB__DATABASE__MAX_CONNECTIONS: database.max_connections must be a whole number from 1 to 1000, but is \
         \"many\""
    );
    assert_eq!(
        variable_error("CONFAB__PASSWORDS__QUEUE", "0"),
        "CONFAB__PASSWORDS__QUEUE: passwords.queue must be from 1 to 65536, but is 0"
    );
    assert_eq!(
        error(Layer::flag("--bind", "server", "bind", "x")),
        "--bind: server.bind must be an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080, but is \"x\""
    );
}

#[test]
fn a_database_is_told_by_its_scheme_and_never_shows_its_password() {
    for (url, shown) in [
        ("memory:", "memory:"),
        ("sqlite://data/a@b.db?mode=rwc", "sqlite://data/a@b.db"),
        ("postgres://ada:pa@ss?word@db.example:5432/confab?sslmode=require", "postgres://db.example:5432/confab"),
        ("postgresql://db.example/confab?password=secret", "postgres://db.example/confab"),
    ] {
        let config = load(&[Layer::flag("--database-url", "database", "url", url)]);
        assert_eq!(config.database.url.to_string(), shown);
        assert!(!format!("{config:?}").contains("ss?word"));
    }
    for url in ["", "mysql://ada:secret@h/db", "data/confab.db", "memory"] {
        assert_eq!(
            error(Layer::flag("--database-url", "database", "url", url)),
            "--database-url: database.url must begin with sqlite:// or postgres://, or be memory:"
        );
    }
}

#[test]
fn only_exact_origins_are_allowed() {
    for origin in ["http://localhost:3000", "https://chat.example.org", "https://[::1]:8443", "http://10.0.0.1"] {
        let config = load(&[file(&format!("[cors]\nallowed_origins = [\"{origin}\"]"))]);
        assert_eq!(config.cors.allowed_origins, [origin]);
    }
    for origin in [
        "*",
        "null",
        "",
        "chat.example.org",
        "https://",
        "https://chat.example.org/",
        "https://chat.example.org/app",
        "https://Chat.example.org",
        "https://*.example.org",
        "https://chat.example.org:443",
        "ftp://chat.example.org",
        "https://ada@chat.example.org",
    ] {
        let error = file_error(&format!("[cors]\nallowed_origins = [\"https://ok.example\", \"{origin}\"]"));
        assert!(error.starts_with("confab.toml: cors.allowed_origins must hold origins"), "{error}");
        assert!(error.ends_with(&format!("but holds {origin:?}")), "{error}");
    }
}

#[test]
fn proxies_are_addresses_or_networks() {
    let config = load(&[file("[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nproxy_header = \"forwarded\"")]);
    assert_eq!(
        config.server.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["10.0.0.0/8", "::1/128"]
    );
    for network in ["", "*", "10.0.0.0/33", "proxy.example.org", "10.0.0.1:80"] {
        let error = file_error(&format!("[server]\ntrusted_proxies = [\"{network}\"]"));
        assert!(error.starts_with("confab.toml: server.trusted_proxies must hold IP addresses or networks"), "{error}");
        assert!(error.ends_with(&format!("but holds {network:?}")), "{error}");
    }
}

#[test]
fn a_limit_is_so_many_in_a_window_of_time() {
    for (text, requests, seconds) in [("100/10s", 100, 10), ("1/1m", 1, 60), ("1000000/24h", 1_000_000, 86_400)] {
        let config = load(&[file(&format!("[rate_limit]\nsend = \"{text}\""))]);
        assert_eq!(Some(config.rate_limit.send), confab_http::Rate::new(requests, seconds), "{text}");
    }
    for text in [
        "",
        "100",
        "100/",
        "/s",
        "0/1s",
        "1/0s",
        "1/s",
        "1/10",
        "1/1d",
        "-1/1s",
        "1.5/1s",
        "1000001/1s",
        "1/25h",
        "1/1ü",
    ] {
        let error = file_error(&format!("[rate_limit]\nsend = \"{text}\""));
        assert!(
            error.starts_with("confab.toml: rate_limit.send must be a number from 1 to 1000000 and a time"),
            "{error}"
        );
        assert!(error.ends_with(&format!("but is {text:?}")), "{error}");
    }
}

#[test]
fn a_log_filter_that_would_not_do_what_it_says_is_refused() {
    for filter in ["info", "warn,confab_http=debug", "off", "info,sqlx::query=debug", "info,[request{id=7}]=trace"] {
        assert_eq!(load(&[Layer::flag("-", "log", "filter", filter)]).log.filter, filter);
    }
    for filter in ["", "inof", "info,", "info,sqlx=loud", "info,sqlx::query", "info=="] {
        let error = error(Layer::flag("-", "log", "filter", filter));
        assert!(error.starts_with(&format!("-: log.filter must be a log filter, but is {filter:?}: ")), "{error}");
    }
}

#[test]
fn a_file_that_is_not_toml_is_named_with_the_line() {
    let error = Layer::toml("confab.toml".to_owned(), "[server]\nworkers = 1\nbind = oops\n").unwrap_err().to_string();
    assert!(error.starts_with("confab.toml: line 3 is not TOML: "), "{error}");
    let error = Layer::toml("confab.toml".to_owned(), "[log]\nformat = \"text\"\nformat = \"json\"").unwrap_err();
    assert!(error.to_string().starts_with("confab.toml: line 3 is not TOML: "), "{error}");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = Layer::file(Path::new("no/such.toml")).unwrap_err().to_string();
    assert!(error.starts_with("no/such.toml: cannot be read: "), "{error}");
}
