//! What is wrong with a request before anybody looks at what it asks for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::HttpRequest;
use actix_web::http::Version;
use actix_web::http::header::HOST;
use actix_web::http::uri::Authority;

use crate::problem::{Code, Problem};
use crate::settings::Settings;

/// What a supervisor asks for, by whatever name it has for this machine, and however many others do.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// The refusal of a request that is too large, on a connection too many, or for somebody else.
pub(super) fn refusal(request: &HttpRequest, settings: &Settings) -> Option<Problem> {
    let is_probe = PROBES.contains(&request.path());
    let bytes = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>();
    if bytes > settings.max_header_bytes {
        let detail = format!("the headers must have at most {} bytes together", settings.max_header_bytes);
        return Some(Problem::new(Code::HeadersTooLarge, detail));
    }
    let url = request.uri().path_and_query().map_or(0, |url| url.as_str().len());
    if url > settings.max_url_bytes {
        let detail = format!("the path and its query must have at most {} bytes together", settings.max_url_bytes);
        return Some(Problem::new(Code::UriTooLong, detail));
    }
    if !is_probe && is_beyond(request) {
        let detail = "too many clients are connected; try again in a moment";
        return Some(Problem::new(Code::Busy, detail).with_retry_after(1));
    }
    let host = match host(request) {
        Ok(host) => host,
        Err(problem) => return Some(problem),
    };
    if !is_probe && !settings.allowed_hosts.is_empty() && !is_allowed(host.as_deref(), &settings.allowed_hosts) {
        let detail = "this server does not answer for the host that the request names";
        return Some(Problem::new(Code::MisdirectedRequest, detail));
    }
    None
}

/// The host that a request is for, without its port; none where an old client names none.
///
/// # Errors
/// Where it is named twice, not at all, or not as hosts are written (RFC 9112, section 3.2).
pub(crate) fn host(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let bad = |detail| Problem::new(Code::BadRequest, detail);
    let mut named = request.headers().get_all(HOST);
    let header = named.next();
    if named.next().is_some() {
        return Err(bad("there is more than one Host"));
    }
    if let Some(authority) = request.uri().authority() {
        return Ok(Some(authority.host().to_ascii_lowercase()));
    }
    match header {
        None if request.version() == Version::HTTP_11 => Err(bad("there is no Host")),
        None => Ok(None),
        Some(value) => {
            let authority = value.to_str().ok().and_then(|value| value.parse::<Authority>().ok());
            let authority = authority.filter(|authority| !authority.as_str().contains('@'));
            authority
                .map(|authority| Some(authority.host().to_ascii_lowercase()))
                .ok_or_else(|| bad("the Host is malformed"))
        }
    }
}

/// Whether a host is in the list. `.example.org` there stands for it and all below it.
fn is_allowed(host: Option<&str>, allowed: &[String]) -> bool {
    let Some(host) = host.map(|host| host.trim_end_matches('.')) else { return false };
    allowed.iter().any(|pattern| match pattern.strip_prefix('.') {
        Some(parent) => host.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
        None => host == pattern,
    })
}

/// The connections that there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connections(Arc<AtomicUsize>);

impl Connections {
    /// One more, of which so many are served.
    pub(crate) fn enter(&self, most: usize) -> Connection {
        Connection { is_beyond: self.0.fetch_add(1, Ordering::Relaxed) >= most, all: self.clone() }
    }
}

/// A connection, until it ends. Part of each connection.
pub(crate) struct Connection {
    is_beyond: bool,
    all: Connections,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.all.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether a request came on a connection beyond those that are served.
pub(super) fn is_beyond(request: &HttpRequest) -> bool {
    request.conn_data::<Connection>().is_some_and(|connection| connection.is_beyond)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_host_is_in_the_list_or_below_one_that_begins_with_a_dot() {
        let allowed = ["chat.example.org", ".example.com", "[::1]"].map(str::to_owned);
        for (host, is) in [
            ("chat.example.org", true),
            ("chat.example.org.", true),
            ("a.chat.example.org", false),
            ("example.com", true),
            ("a.b.example.com", true),
            ("badexample.com", false),
            ("[::1]", true),
            ("", false),
        ] {
            assert_eq!(is_allowed(Some(host), &allowed), is, "{host}");
        }
        assert!(!is_allowed(None, &allowed));
    }

    #[test]
    fn a_host_is_named_once_and_well() {
        let of = |hosts: &[&str]| {
            let mut request = TestRequest::default();
            for name in hosts {
                request = request.append_header((HOST, *name));
            }
            host(&request.to_http_request()).ok().flatten()
        };
        assert_eq!(of(&["Chat.Example.org:8443"]).as_deref(), Some("chat.example.org"));
        assert_eq!(of(&["[::1]:80"]).as_deref(), Some("[::1]"));
        for bad in [&[][..], &["a", "b"], &[""], &["a b"], &["user@a"], &["a/b"], &["http://a"]] {
            assert_eq!(of(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn connections_are_counted_until_they_end() {
        let connections = Connections::default();
        let (first, second) = (connections.enter(1), connections.enter(1));
        assert!(!first.is_beyond && second.is_beyond);
        drop((first, second));
        assert!(!connections.enter(1).is_beyond);
    }
}
