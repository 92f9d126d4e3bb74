//! The address of whoever calls, behind whatever proxies the operator trusts.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName, X_FORWARDED_FOR};
use actix_web::{Error, FromRequest, HttpMessage as _, HttpRequest};
use ipnet::IpNet;

use crate::settings::{Proxies, ProxyHeader};

/// The address of the client of a request, for limits, logs and records. Handlers may take it; it is in the extensions of
/// each request from the outermost middleware on.
///
/// It is the address at the other end of the connection, unless that is a trusted proxy: then it is the right-most address
/// in the proxies' header that is none. Whoever is not trusted is not listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// Finds it.
    pub(crate) fn find(request: &ServiceRequest, proxies: &Proxies) -> Self {
        // There is always one, but in tests that have no connection.
        let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip().to_canonical());
        Self(behind(peer, request.headers(), proxies))
    }

    /// Whether this request was handed on by a trusted proxy.
    pub(crate) fn came_through(request: &ServiceRequest, proxies: &Proxies) -> bool {
        request.peer_addr().is_some_and(|peer| proxies.trust(peer.ip().to_canonical()))
    }

    /// The address; an IPv4 address as such, however it came.
    pub const fn ip(self) -> IpAddr {
        self.0
    }

    /// What is counted as one client: an IPv4 address, or an IPv6 network of 64 bits, as many as a home has.
    pub(crate) fn network(self) -> IpAddr {
        match self.0 {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
            address @ IpAddr::V4(_) => address,
        }
    }
}

impl FromRequest for ClientAddress {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Self>().copied();
        ready(Ok(found.unwrap_or(Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))))
    }
}

impl Proxies {
    /// Whether this address is a trusted proxy's.
    pub(crate) fn trust(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network: &IpNet| network.contains(&address))
    }
}

/// Walks from the connection towards the client for as long as proxies are trusted. What one of them says that is no
/// address (`unknown`, a hidden name, nonsense) ends the walk: whoever told it is the last who is known.
fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &Proxies) -> IpAddr {
    if !proxies.trust(peer) {
        return peer;
    }
    let mut known = peer;
    for hop in hops(headers, proxies.header).iter().rev() {
        match hop {
            Some(address) => known = *address,
            None => break,
        }
        if !proxies.trust(known) {
            break;
        }
    }
    known
}

/// What the proxies have written, from the client's end on; none where one of them wrote no address.
fn hops(headers: &HeaderMap, header: ProxyHeader) -> Vec<Option<IpAddr>> {
    let (name, read): (HeaderName, fn(&str) -> Option<IpAddr>) = match header {
        ProxyHeader::XForwardedFor => (X_FORWARDED_FOR, node),
        ProxyHeader::Forwarded => (FORWARDED, forwarded_for),
    };
    // A header that is there several times is one list (RFC 9110, section 5.3).
    let lines = headers.get_all(name).map(|line| line.to_str().unwrap_or_default());
    lines.flat_map(|line| split(line, ',').into_iter().map(read)).collect()
}

/// The `for` of one element of `Forwarded` (RFC 7239, section 4). Two of them are nonsense.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut found = split(element, ';').into_iter().filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| value.trim())
    });
    let value = found.next()?;
    let value = value.strip_prefix('"').map_or(Some(value), |value| value.strip_suffix('"'))?;
    found.next().is_none().then(|| node(value))?
}

/// An address, perhaps with a port, and an IPv6 one perhaps in brackets.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

/// Splits at a separator that stands in no quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c: char| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn proxies(header: ProxyHeader, trusted: &[&str]) -> Proxies {
        Proxies { trusted: trusted.iter().map(|network| network.parse().unwrap()).collect(), header }
    }

    fn found(proxies: &Proxies, peer: &str, lines: &[(&str, &str)]) -> String {
        let mut request = TestRequest::default().peer_addr(SocketAddr::new(peer.parse().unwrap(), 1));
        for line in lines {
            request = request.append_header(*line);
        }
        ClientAddress::find(&request.to_srv_request(), proxies).ip().to_string()
    }

    #[test]
    fn whoever_is_not_trusted_is_not_listened_to() {
        let spoofed = [("x-forwarded-for", "9.9.9.9"), ("forwarded", "for=9.9.9.9")];
        for header in [ProxyHeader::XForwardedFor, ProxyHeader::Forwarded] {
            assert_eq!(found(&proxies(header, &[]), "1.2.3.4", &spoofed), "1.2.3.4");
            assert_eq!(found(&proxies(header, &["10.0.0.0/8"]), "1.2.3.4", &spoofed), "1.2.3.4");
        }
    }

    #[test]
    fn the_client_is_the_right_most_hop_that_is_not_trusted() {
        let proxies = proxies(ProxyHeader::XForwardedFor, &["10.0.0.0/8", "fd00::/8"]);
        for (given, client) in [
            ("1.2.3.4", "1.2.3.4"),
            ("9.9.9.9, 1.2.3.4", "1.2.3.4"),
            ("9.9.9.9, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
            ("10.0.0.9, 10.0.0.2", "10.0.0.9"),
            ("9.9.9.9,1.2.3.4:5678,fd00::1", "1.2.3.4"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]:443, [fd00::2]", "2001:db8::1"),
            ("::ffff:1.2.3.4", "1.2.3.4"),
            // What is no address ends the walk: the proxy that wrote it is known, and no more.
            ("1.2.3.4, unknown", "10.0.0.1"),
            ("1.2.3.4, , 10.0.0.2", "10.0.0.2"),
            ("1.2.3.4, 10.0.0.2.5, 10.0.0.3", "10.0.0.3"),
            ("", "10.0.0.1"),
        ] {
            assert_eq!(found(&proxies, "10.0.0.1", &[("x-forwarded-for", given)]), client, "{given}");
        }
        let lines = [("x-forwarded-for", "9.9.9.9"), ("x-forwarded-for", "1.2.3.4"), ("x-forwarded-for", "10.0.0.2")];
        assert_eq!(found(&proxies, "10.0.0.1", &lines), "1.2.3.4", "several lines are one list");
        assert_eq!(found(&proxies, "10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(found(&proxies, "::ffff:10.0.0.1", &[("x-forwarded-for", "1.2.3.4")]), "1.2.3.4");
    }

    #[test]
    fn forwarded_is_read_as_rfc_7239_writes_it() {
        let proxies = proxies(ProxyHeader::Forwarded, &["10.0.0.0/8"]);
        for (given, client) in [
            ("for=1.2.3.4", "1.2.3.4"),
            ("For=\"1.2.3.4:80\";proto=https;by=10.0.0.1", "1.2.3.4"),
            ("for=9.9.9.9, proto=http; for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("for=1.2.3.4, for=10.0.0.7", "1.2.3.4"),
            // A client's quote swallows what follows, and makes it no address.
            ("for=\"9.9.9.9, for=1.2.3.4", "10.0.0.1"),
            ("for=\"a,b\", for=1.2.3.4", "1.2.3.4"),
            ("for=_hidden", "10.0.0.1"),
            ("for=unknown", "10.0.0.1"),
            ("for=1.2.3.4;for=9.9.9.9", "10.0.0.1"),
            ("proto=https", "10.0.0.1"),
            ("for", "10.0.0.1"),
        ] {
            assert_eq!(found(&proxies, "10.0.0.1", &[("forwarded", given)]), client, "{given}");
        }
    }

    #[test]
    fn only_the_header_that_the_proxies_write_is_read() {
        let both = [("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=9.9.9.9")];
        assert_eq!(found(&proxies(ProxyHeader::XForwardedFor, &["10.0.0.1/32"]), "10.0.0.1", &both), "1.2.3.4");
        assert_eq!(found(&proxies(ProxyHeader::Forwarded, &["10.0.0.1/32"]), "10.0.0.1", &both), "9.9.9.9");
    }

    #[test]
    fn an_ipv6_client_is_its_network_of_64_bits() {
        let network = |address: &str| ClientAddress(address.parse().unwrap()).network().to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
    }
}
