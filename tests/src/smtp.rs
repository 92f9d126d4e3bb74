//! A mail server on this machine, as far as a client that sends mails sees one (RFC 5321, with STARTTLS and AUTH PLAIN).

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// What the server does with mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It takes them.
    Good,
    /// It knows no such mailbox: 550.
    NoSuchMailbox,
    /// It has no time: 451.
    TryLater,
    /// It takes connections and says nothing.
    Silent,
}

/// How a connection is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secured {
    /// Not at all.
    No,
    /// Where the client asks for it.
    StartTls,
    /// From the first byte.
    Tls,
}

/// A mail that the server took.
#[derive(Debug, Clone)]
pub struct Received {
    /// Its recipient.
    pub to: String,
    /// Headers and text, as they came.
    pub text: String,
    /// Whether it came through TLS.
    pub secured: bool,
    /// What the client sent to log in.
    pub credentials: String,
}

/// The server. It ends with the test.
pub struct MailServer {
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// Its certificate, in PEM. Of `localhost`.
    pub certificate: String,
    inner: Arc<Inner>,
}

struct Inner {
    secured: Secured,
    tls: TlsAcceptor,
    mood: Mutex<Mood>,
    received: watch::Sender<Vec<Received>>,
    attempts: watch::Sender<usize>,
}

impl MailServer {
    /// Starts one.
    pub async fn start(secured: Secured) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let tls = tls.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let inner = Arc::new(Inner {
            secured,
            tls: TlsAcceptor::from(Arc::new(tls)),
            mood: Mutex::new(Mood::Good),
            received: watch::Sender::new(Vec::new()),
            attempts: watch::Sender::new(0),
        });
        let serving = Arc::clone(&inner);
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let inner = Arc::clone(&serving);
                inner.attempts.send_modify(|count| *count += 1);
                // Clients may leave whenever they like.
                tokio::spawn(async move { drop(inner.greet(socket).await) });
            }
        });
        Self { port, certificate: made.cert.pem(), inner }
    }

    /// From now on it does this.
    pub fn be(&self, mood: Mood) {
        *self.inner.mood.lock().unwrap() = mood;
    }

    /// Waits until it has taken so many mails, and returns them all.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        self.inner.received.subscribe().wait_for(|mails| mails.len() >= count).await.unwrap().clone()
    }

    /// What it has taken so far.
    pub fn received(&self) -> Vec<Received> {
        self.inner.received.borrow().clone()
    }

    /// Waits until so many connections were made.
    pub async fn wait_for_attempts(&self, count: usize) {
        self.inner.attempts.subscribe().wait_for(|attempts| *attempts >= count).await.unwrap();
    }

    /// The settings of a Confab that sends through it, with its certificate in this file.
    pub fn settings(&self, certificate: &Path) -> Vec<(&'static str, String)> {
        std::fs::write(certificate, &self.certificate).unwrap();
        let security = match self.inner.secured {
            Secured::No => "none",
            Secured::StartTls => "starttls",
            Secured::Tls => "tls",
        };
        vec![
            ("CONFAB__MAIL__TRANSPORT", "smtp".to_owned()),
            ("CONFAB__MAIL__SMTP_HOST", "localhost".to_owned()),
            ("CONFAB__MAIL__SMTP_PORT", self.port.to_string()),
            ("CONFAB__MAIL__SMTP_SECURITY", security.to_owned()),
            ("CONFAB__MAIL__SMTP_CA_FILE", certificate.display().to_string()),
            ("CONFAB__MAIL__SMTP_USERNAME", "confab".to_owned()),
            ("CONFAB__MAIL__SMTP_PASSWORD", "hunter2".to_owned()),
            ("CONFAB__MAIL__SMTP_TIMEOUT_SECONDS", "1".to_owned()),
            ("CONFAB__MAIL__RETRY_SECONDS", "1".to_owned()),
        ]
    }
}

impl Inner {
    async fn greet(&self, socket: tokio::net::TcpStream) -> io::Result<()> {
        if *self.mood.lock().unwrap() == Mood::Silent {
            return std::future::pending().await;
        }
        if self.secured == Secured::Tls {
            return self.talk(BufReader::new(self.tls.accept(socket).await?), true, true).await.map(drop);
        }
        let socket = self.talk(BufReader::new(socket), false, true).await?;
        // It has asked for STARTTLS.
        match socket {
            Some(socket) => self.talk(BufReader::new(self.tls.accept(socket).await?), true, false).await.map(drop),
            None => Ok(()),
        }
    }

    /// Talks until the client quits, or asks for STARTTLS: then the connection comes back.
    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut socket: BufReader<S>,
        is_tls: bool,
        greets: bool,
    ) -> io::Result<Option<S>> {
        let (mut to, mut credentials) = (String::new(), String::new());
        if greets {
            socket.write_all(b"220 localhost ESMTP\r\n").await?;
        }
        loop {
            let line = read_line(&mut socket).await?;
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            let mood = *self.mood.lock().unwrap();
            let answer = match verb.to_ascii_uppercase().as_str() {
                "EHLO" if self.secured == Secured::StartTls && !is_tls => "250-localhost\r\n250 STARTTLS",
                "EHLO" => "250-localhost\r\n250 AUTH PLAIN",
                "STARTTLS" => {
                    socket.write_all(b"220 go on\r\n").await?;
                    return Ok(Some(socket.into_inner()));
                }
                "AUTH" => {
                    rest.clone_into(&mut credentials);
                    "235 welcome"
                }
                "RCPT" if mood == Mood::NoSuchMailbox => "550 5.1.1 no such mailbox",
                "MAIL" if mood == Mood::TryLater => "451 4.3.0 try again later",
                "RCPT" => {
                    rest.trim_start_matches("TO:").trim_matches(['<', '>']).clone_into(&mut to);
                    "250 ok"
                }
                "DATA" => {
                    socket.write_all(b"354 go on\r\n").await?;
                    let text = read_text(&mut socket).await?;
                    let mail = Received { to: to.clone(), text, secured: is_tls, credentials: credentials.clone() };
                    self.received.send_modify(|mails| mails.push(mail));
                    "250 taken"
                }
                "QUIT" => {
                    socket.write_all(b"221 bye\r\n").await?;
                    return Ok(None);
                }
                "MAIL" | "NOOP" | "RSET" => "250 ok",
                _ => "500 what?",
            };
            socket.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
    }
}

async fn read_line<S: AsyncRead + Unpin>(socket: &mut BufReader<S>) -> io::Result<String> {
    let mut line = String::new();
    if socket.read_line(&mut line).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

/// Up to the line that is a dot. A dot at the beginning of another line is doubled.
async fn read_text<S: AsyncRead + Unpin>(socket: &mut BufReader<S>) -> io::Result<String> {
    let mut text = String::new();
    loop {
        let line = read_line(socket).await?;
        if line == "." {
            return Ok(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
        text.push('\n');
    }
}
