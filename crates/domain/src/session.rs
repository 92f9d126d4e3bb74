//! Sessions: one log-in each, kept alive by refresh tokens.

use std::fmt;
use std::net::IpAddr;

use crate::{DeviceName, SessionId, Timestamp, UserAgent, UserId};

/// One log-in of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The session's id.
    pub id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// What its user calls the device, or what the device seems to be.
    pub device: Option<DeviceName>,
    /// When the user logged in.
    pub created_at: Timestamp,
    /// From where it was last used, as far as that is written down.
    pub last_use: SessionUse,
    /// What keeps it alive.
    pub refresh_token: RefreshToken,
    /// The token before, for which it was given. It is good until the newest one is used for the first time.
    pub previous_token: Option<RefreshTokenHash>,
}

/// A use of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionUse {
    /// When it was.
    pub at: Timestamp,
    /// The address of the client.
    pub address: Option<IpAddr>,
    /// What the client calls itself.
    pub user_agent: Option<UserAgent>,
}

/// A refresh token as storage knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// The SHA-256 of what the client holds.
    pub hash: RefreshTokenHash,
    /// The SHA-256 of what all tokens of the session have in common, by which one is known that was replaced.
    pub family: RefreshTokenHash,
    /// From when on it is no good.
    pub expires_at: Timestamp,
}

/// The SHA-256 of a refresh token. What the client holds is never stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefreshTokenHash([u8; 32]);

impl RefreshTokenHash {
    /// Takes the 32 bytes of a SHA-256.
    pub const fn new(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for RefreshTokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshTokenHash(…)")
    }
}

impl DeviceName {
    /// What a device seems to be: `Firefox on Windows`; of a program that is no browser, its name.
    pub fn guess(agent: &UserAgent) -> Option<Self> {
        // The more particular ones first: browsers claim to be others too.
        const BROWSERS: [(&str, &str); 6] = [
            ("Edg/", "Edge"),
            ("OPR/", "Opera"),
            ("Firefox/", "Firefox"),
            ("FxiOS/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
        ];
        const SYSTEMS: [(&str, &str); 7] = [
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Android", "Android"),
            ("Windows", "Windows"),
            ("CrOS", "ChromeOS"),
            ("Mac OS X", "macOS"),
            ("Linux", "Linux"),
        ];
        let text = agent.as_str();
        let find =
            |names: &[(&str, &'static str)]| names.iter().find(|(mark, _)| text.contains(mark)).map(|(_, name)| *name);
        let guess = match (find(&BROWSERS), find(&SYSTEMS)) {
            (Some(browser), Some(system)) => format!("{browser} on {system}"),
            (Some(browser), None) => browser.to_owned(),
            _ => text.split(['/', ' ', '(']).next()?.chars().take(Self::MAX_CHARACTERS).collect(),
        };
        Self::parse(&guess).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_guessed_by_what_it_says_of_itself() {
        let guess =
            |text: &str| DeviceName::guess(&UserAgent::of_header(text).unwrap()).map(|name| name.as_str().to_owned());
        for (text, name) in [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Windows"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 \
                 Safari/537.36 Edg/126.0.0.0",
                "Edge on Linux",
            ),
            ("okhttp/4.12.0", "okhttp"),
            ("curl/8.5.0", "curl"),
        ] {
            assert_eq!(guess(text).as_deref(), Some(name), "{text}");
        }
        assert_eq!(guess("/x"), None);
    }
}
