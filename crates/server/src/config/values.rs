//! Values that are more than text and numbers. A message is the end of a sentence that begins with the setting's name.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use confab_http::Rate;
use ipnet::IpNet;
use serde::de::{Deserialize, Deserializer, Error, IntoDeserializer as _, Unexpected, Visitor};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole<const MIN: u64, const MAX: u64>(u64);

impl<const MIN: u64, const MAX: u64> Whole<MIN, MAX> {
    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The number, where `MAX` is at most [`u32::MAX`].
    pub const fn as_u32(self) -> u32 {
        const { assert!(MAX <= u32::MAX as u64) };
        self.0 as u32
    }

    /// The number, where `MAX` is at most [`u16::MAX`].
    pub const fn as_u16(self) -> u16 {
        const { assert!(MAX <= u16::MAX as u64) };
        self.0 as u16
    }

    /// The number, where `MAX` is at most [`u32::MAX`].
    pub const fn as_usize(self) -> usize {
        self.as_u32() as usize
    }
}

impl<'de, const MIN: u64, const MAX: u64> Deserialize<'de> for Whole<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number<const MIN: u64, const MAX: u64>;

        impl<const MIN: u64, const MAX: u64> Visitor<'_> for Number<MIN, MAX> {
            type Value = u64;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a whole number from {MIN} to {MAX}")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<u64, E> {
                if (MIN..=MAX).contains(&number) {
                    Ok(number)
                } else {
                    Err(E::invalid_value(Unexpected::Unsigned(number), &self))
                }
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
                match u64::try_from(number) {
                    Ok(number) => self.visit_u64(number),
                    Err(_) => Err(E::invalid_value(Unexpected::Signed(number), &self)),
                }
            }
        }

        deserializer.deserialize_u64(Number::<MIN, MAX>).map(Self)
    }
}

/// Where everything is kept. It may hold a password, which it does not show.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// In memory, until the program ends.
    Memory,
    /// In SQLite or PostgreSQL.
    Url(String),
}

impl fmt::Display for DatabaseUrl {
    /// The URL without its user, password and parameters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory:"),
            Self::Url(url) if url.starts_with("sqlite:") => f.write_str(before_parameters(url)),
            Self::Url(url) => {
                // From the last @ on, for a password may hold anything.
                let rest = url.rsplit_once('@').or_else(|| url.split_once("://")).map_or("", |(_, rest)| rest);
                write!(f, "postgres://{}", before_parameters(rest))
            }
        }
    }
}

fn before_parameters(url: &str) -> &str {
    url.split_once('?').map_or(url, |(url, _)| url)
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let url = String::deserialize(deserializer)?;
        if url == "memory:" {
            return Ok(Self::Memory);
        }
        if ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Ok(Self::Url(url));
        }
        Err(D::Error::custom("must begin with sqlite:// or postgres://, or be memory:"))
    }
}

/// Text that nobody is shown.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// An IP address and a port.
pub(super) fn socket_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        D::Error::custom(format_args!(
            "must be an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080, but is {text:?}"
        ))
    })
}

/// Networks, or addresses, which are networks of one.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let network = |text: &String| {
        let found = text.parse().ok().or_else(|| text.parse().ok().map(|address: IpAddr| IpNet::from(address)));
        found.ok_or_else(|| {
            D::Error::custom(format_args!(
                "must hold IP addresses or networks, such as \"10.0.0.0/8\", but holds {text:?}"
            ))
        })
    };
    Vec::<String>::deserialize(deserializer)?.iter().map(network).collect()
}

/// An IP address and a port, or nothing.
pub(super) fn socket_address_or_none<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() { Ok(None) } else { socket_address(text.into_deserializer()).map(Some) }
}

/// Names of hosts, as they stand in `Host`, without a port.
pub(super) fn hosts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let hosts = Vec::<String>::deserialize(deserializer)?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c);
    let is_host = |host: &&String| {
        let name = host.strip_prefix('.').unwrap_or(host);
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_name = !name.is_empty() && !name.starts_with('.') && !name.ends_with('.') && name.chars().all(fits);
        is_name || address.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
    };
    match hosts.iter().find(|host| !is_host(host)) {
        None => Ok(hosts),
        Some(host) => Err(D::Error::custom(format_args!(
            "must hold names of hosts in lower case without a port, such as \"chat.example.org\", \".example.org\" for it \
             and all below it, or \"[::1]\", but holds {host:?}"
        ))),
    }
}

/// So many in a window of time, such as `100/10s`.
pub(super) fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Rate, D::Error> {
    const MOST: u32 = 1_000_000;
    const LONGEST: u32 = 24 * 3600;
    let text = String::deserialize(deserializer)?;
    let parse = || {
        let (requests, window) = text.split_once('/')?;
        let (count, unit) = window.split_at_checked(window.len().checked_sub(1)?)?;
        let unit = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            _ => return None,
        };
        let seconds = count.parse::<u32>().ok()?.checked_mul(unit)?;
        let requests = requests.parse().ok()?;
        (requests <= MOST && seconds <= LONGEST).then(|| Rate::new(requests, seconds))?
    };
    parse().ok_or_else(|| {
        D::Error::custom(format_args!(
            "must be a number from 1 to {MOST} and a time from 1s to 24h, such as \"100/10s\", \"30/1m\" or \"500/24h\", but \
             is {text:?}"
        ))
    })
}

/// The path of a file.
pub(super) fn file<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    let path = String::deserialize(deserializer)?;
    if path.is_empty() { Err(D::Error::custom("must name a file")) } else { Ok(path.into()) }
}

/// A mailbox, perhaps with a name.
pub(super) fn mailbox<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    match confab_mail::check_mailbox(&text) {
        Ok(()) => Ok(text),
        Err(reason) => Err(D::Error::custom(format_args!(
            "must be an address such as Confab <confab@example.org>, but is {text:?}: {reason}"
        ))),
    }
}

/// The beginning of a link, or nothing.
pub(super) fn link_base<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let fits = |c: char| c.is_ascii_graphic() && !"?#<>\"".contains(c);
    if rest.is_empty() || rest.starts_with('/') || !rest.chars().all(fits) {
        return Err(D::Error::custom(format_args!(
            "must be empty or begin as the pages of your front end do, such as https://chat.example.org, but is {text:?}"
        )));
    }
    Ok(Some(text))
}

/// Web origins (RFC 6454, section 6.1), in the one spelling that browsers send.
pub(super) fn origins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let origins = Vec::<String>::deserialize(deserializer)?;
    match origins.iter().find(|origin| !is_origin(origin)) {
        None => Ok(origins),
        Some(origin) => Err(D::Error::custom(format_args!(
            "must hold origins as browsers send them, such as \"https://chat.example.org\" (in lower case, without a \
             path, a slash at the end or the scheme's own port), but holds {origin:?}"
        ))),
    }
}

fn is_origin(origin: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let own_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return false,
    };
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._:[]".contains(c);
    !authority.is_empty() && authority.chars().all(fits) && !authority.ends_with(own_port) && !authority.ends_with(':')
}

/// A filter of tracing-subscriber.
pub(super) fn log_filter<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let filter = String::deserialize(deserializer)?;
    let refuse = |reason: &str| D::Error::custom(format_args!("must be a log filter, but is {filter:?}: {reason}"));
    EnvFilter::builder().parse(&filter).map_err(|error| refuse(&error.to_string()))?;
    if filter.contains('[') {
        return Ok(filter);
    }
    // The parser takes a mistyped level for a part of the program, which would silence everything else.
    let is_level = |part: &str| !part.is_empty() && part.parse::<LevelFilter>().is_ok();
    match filter.split(',').map(str::trim).find(|part| !part.contains('=') && !is_level(part)) {
        None => Ok(filter),
        Some(part) => Err(refuse(&format!(
            "{part:?} is none of off, error, warn, info, debug, trace, nor of the form sqlx::query=debug"
        ))),
    }
}
