//! What a person who starts the server is told: where it is, and what to try next.

use std::net::SocketAddr;

use crate::config::DatabaseUrl;

/// Somebody to register.
const NEWCOMER: &str = r#"{"email": "brian@example.org", "password": "staple of the day", "first_name": "Brian", "last_name": "Kernighan"}"#;

/// What is printed when the server is ready. `program` is how it was called.
pub fn text(address: SocketAddr, is_encrypted: bool, database: &DatabaseUrl, program: &str) -> String {
    let base = base_url(address, is_encrypted);
    let next = match database {
        DatabaseUrl::Memory => "\nNothing is kept: all of it is gone when the program ends.\n".to_owned(),
        DatabaseUrl::Url(_) => format!(
            "  {program} user create --role host --email ada@example.org --first-name Ada --last-name Lovelace\n\
             \n\
             Whoever registers is a guest; the second line makes a host, who may start groups. Give it the options that\n\
             the server was started with. Ctrl-C stops the server.\n"
        ),
    };
    format!(
        "Confab {version} is ready: {base}\n\
         \n\
         \x20 API         {base}/api/v1\n\
         \x20 Swagger UI  {base}/docs\n\
         \x20 OpenAPI     {base}/api/openapi.json\n\
         \x20 Storage     {database}\n\
         \n\
         Try next, in another terminal:\n\
         \n\
         \x20 curl {base}/api/v1/auth/register -H 'Content-Type: application/json' -d '{NEWCOMER}'\n\
         {next}",
        version = env!("CARGO_PKG_VERSION"),
    )
}

/// The URL to reach it by from this machine.
fn base_url(address: SocketAddr, is_encrypted: bool) -> String {
    let scheme = if is_encrypted { "https" } else { "http" };
    if address.ip().is_unspecified() {
        format!("{scheme}://localhost:{}", address.port())
    } else {
        format!("{scheme}://{address}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_tells_the_address_that_was_taken() {
        let database = DatabaseUrl::Url("sqlite://data/confab.db".to_owned());
        let text = text("127.0.0.1:4711".parse().unwrap(), false, &database, "confab");
        for line in ["http://127.0.0.1:4711/docs", "http://127.0.0.1:4711/api/v1\n", "sqlite://data/confab.db"] {
            assert!(text.contains(line), "{text}");
        }
        assert!(text.lines().all(|line| line.trim_end() == line), "{text}");
    }

    #[test]
    fn every_address_has_a_url() {
        for (address, url) in [
            ("[::1]:80", "http://[::1]:80"),
            ("0.0.0.0:8080", "http://localhost:8080"),
            ("[::]:8080", "http://localhost:8080"),
        ] {
            assert_eq!(base_url(address.parse().unwrap(), false), url);
        }
        assert_eq!(base_url("0.0.0.0:8443".parse().unwrap(), true), "https://localhost:8443");
    }
}
