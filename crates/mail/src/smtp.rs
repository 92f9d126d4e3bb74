//! Mails through a mail server (RFC 5321).

use std::error::Error as _;
use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use confab_application::ports::{Mail, MailError, Mailer};
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::response::{Category, Severity};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use crate::message::message;

/// A mail takes at most so many times what a step may take: greeting, TLS, log-in, sender, recipient, text.
const STEPS: u32 = 6;

/// Which mail server, and how to talk to it.
#[derive(Clone)]
pub struct SmtpSettings {
    /// Its name or address.
    pub host: String,
    /// Its port; none for the one that belongs to the security.
    pub port: Option<u16>,
    /// How the connection is secured.
    pub security: Security,
    /// User and password, where it asks for them.
    pub credentials: Option<(String, String)>,
    /// A file with certificates in PEM that are trusted beside the well-known authorities.
    pub ca_file: Option<PathBuf>,
    /// The most time for each step.
    pub timeout: Duration,
}

/// How the connection to a mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// By STARTTLS (RFC 3207); a server that has none is sent nothing.
    StartTls,
    /// By TLS from the first byte (RFC 8314).
    Tls,
    /// Not at all: on this machine only.
    None,
}

/// Why there is no mailer with these settings.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// It is no mailbox.
    #[error("from: {0}")]
    From(String),
    /// A connection that is not secured would leave this machine.
    #[error("smtp_security none is only for a mail server on this machine, and {0} is not")]
    NotSecured(String),
    /// The file with trusted certificates is no good.
    #[error("smtp_ca_file: {0}")]
    CaFile(String),
    /// TLS cannot be set up.
    #[error("smtp_security: {0}")]
    Tls(String),
}

/// Sends mails through a mail server, each on a connection of its own.
pub struct SmtpMailer {
    from: Mailbox,
    transport: AsyncSmtpTransport<Tokio1Executor>,
    timeout: Duration,
}

/// Whether this name or address is always this machine.
pub fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl SmtpMailer {
    /// Mails from this mailbox. Nothing is sent yet.
    ///
    /// # Errors
    /// [`SetUpError`].
    pub fn new(from: &str, settings: &SmtpSettings) -> Result<Self, SetUpError> {
        let from = from.parse().map_err(|error: lettre::address::AddressError| SetUpError::From(error.to_string()))?;
        let (tls, port) = match settings.security {
            Security::None if !is_this_machine(&settings.host) => {
                return Err(SetUpError::NotSecured(settings.host.clone()));
            }
            Security::None => (Tls::None, 25),
            Security::StartTls => (Tls::Required(parameters(settings)?), 587),
            Security::Tls => (Tls::Wrapper(parameters(settings)?), 465),
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port.unwrap_or(port))
            .tls(tls)
            .timeout(Some(settings.timeout));
        if let Some((user, password)) = &settings.credentials {
            transport = transport.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self { from, transport: transport.build(), timeout: settings.timeout * STEPS })
    }
}

fn parameters(settings: &SmtpSettings) -> Result<TlsParameters, SetUpError> {
    let mut tls = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.ca_file {
        let wrong = |error: String| SetUpError::CaFile(format!("{}: {error}", path.display()));
        let pem = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        if !pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(wrong("there is no certificate in it".to_owned()));
        }
        let certificates = Certificate::from_pem(pem.as_bytes()).map_err(|error| wrong(error.to_string()))?;
        tls = tls.add_root_certificate(certificates);
    }
    tls.build_rustls().map_err(|error| SetUpError::Tls(error.to_string()))
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = message(&self.from, mail)?;
        match tokio::time::timeout(self.timeout, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failure(&error)),
            Err(_) => Err(MailError::Failed("the mail server takes too long".to_owned())),
        }
    }
}

/// A server that refuses the log-in or has a bad day says so of every mail; one that knows no such mailbox, of this one.
fn failure(error: &lettre::transport::smtp::Error) -> MailError {
    let mut reason = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        reason = format!("{reason}: {cause}");
        source = cause.source();
    }
    let is_of_the_mailbox = error.status().is_some_and(|code| {
        code.severity == Severity::PermanentNegativeCompletion && code.category == Category::MailSystem
    });
    if is_of_the_mailbox { MailError::Refused(reason) } else { MailError::Failed(reason) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(host: &str, security: Security) -> SmtpSettings {
        let timeout = Duration::from_secs(1);
        SmtpSettings { host: host.to_owned(), port: None, security, credentials: None, ca_file: None, timeout }
    }

    #[test]
    fn nothing_leaves_the_machine_unsecured() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.8.0.1", "::1"] {
            assert!(SmtpMailer::new("a@b.example", &settings(host, Security::None)).is_ok(), "{host}");
        }
        for host in ["mail.example.org", "localhost.example.org", "10.0.0.1", "0.0.0.0", ""] {
            let error = SmtpMailer::new("a@b.example", &settings(host, Security::None)).err();
            assert!(matches!(error, Some(SetUpError::NotSecured(_))), "{host}");
            assert!(SmtpMailer::new("a@b.example", &settings(host, Security::StartTls)).is_ok(), "{host}");
        }
    }

    #[test]
    fn a_file_of_certificates_that_is_no_good_is_named() {
        let file = |path: &str| SmtpSettings {
            ca_file: Some(PathBuf::from(path)),
            ..settings("mail.example.org", Security::Tls)
        };
        for path in ["no/such.pem", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")] {
            let error = SmtpMailer::new("a@b.example", &file(path)).err();
            assert!(matches!(&error, Some(SetUpError::CaFile(reason)) if reason.contains(path)), "{error:?}");
        }
    }
}
