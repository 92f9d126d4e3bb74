//! HTTPS as the binary speaks it: what is agreed, what is refused, and a certificate that changes while people call.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use confab_tests::Process;
use futures_util::future::join_all;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A certificate of its own, with its key.
struct Made {
    certificate: String,
    key: String,
    der: CertificateDer<'static>,
}

impl Made {
    fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let der = made.cert.der().clone();
        Self { certificate: made.cert.pem(), key: made.signing_key.serialize_pem(), der }
    }

    fn write(&self, folder: &Path) {
        std::fs::write(folder.join("key.pem"), &self.key).unwrap();
        std::fs::write(folder.join("certificate.pem"), &self.certificate).unwrap();
    }
}

/// The binary, serving with `certificate.pem` and `key.pem` of its folder.
struct Server {
    process: Process,
    address: String,
    folder: TempDir,
}

impl Server {
    fn start(made: &Made, more: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        made.write(folder.path());
        let mut settings = vec![
            ("CONFAB__TLS__CERTIFICATE_FILE", "certificate.pem"),
            ("CONFAB__TLS__KEY_FILE", "key.pem"),
            ("CONFAB__DATABASE__URL", "memory:"),
            ("CONFAB__RATE_LIMIT__ENABLED", "false"),
        ];
        settings.extend(more);
        let settings: Vec<_> = settings.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let command = Process::command(folder.path(), &["serve", "--bind", "127.0.0.1:0"], &settings, &[]);
        let process = Process::start(command);
        let address = process.wait_for(|line| {
            let rest = line.split_once("https://")?.1;
            rest.split(['/', ' ']).next().map(str::to_owned)
        });
        Self { process, address, folder }
    }

    async fn connect(&self, config: &Arc<ClientConfig>) -> std::io::Result<TlsStream<TcpStream>> {
        connect(&self.address, config).await
    }
}

async fn connect(address: &str, config: &Arc<ClientConfig>) -> std::io::Result<TlsStream<TcpStream>> {
    let socket = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::clone(config)).connect(name, socket).await
}

fn client(trusted: &[&Made], versions: &[&'static SupportedProtocolVersion], protocols: &[&str]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for made in trusted {
        roots.add(made.der.clone()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    // Each connection agrees anew, and so sees the certificate.
    config.resumption = rustls::client::Resumption::disabled();
    Arc::new(config)
}

/// The status line and the headers of an answer.
async fn get(
    stream: &mut (impl tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin),
    path: &str,
) -> std::io::Result<String> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8(answer).unwrap())
}

#[tokio::test]
async fn tls_1_3_and_1_2_are_agreed_with_strong_suites_and_http_2() {
    let made = Made::new();
    let server = Server::start(&made, &[("CONFAB__TLS__HSTS_SECONDS", "3600")]);
    let (tls12, tls13) = (&rustls::version::TLS12, &rustls::version::TLS13);
    for (versions, version) in [(&[tls13, tls12][..], ProtocolVersion::TLSv1_3), (&[tls12], ProtocolVersion::TLSv1_2)] {
        let mut stream = server.connect(&client(&[&made], versions, &["http/1.1"])).await.unwrap();
        let agreed = stream.get_ref().1;
        assert_eq!(agreed.protocol_version(), Some(version));
        let suite = format!("{:?}", agreed.negotiated_cipher_suite().unwrap().suite());
        assert!(suite.contains("GCM") || suite.contains("POLY1305"), "{suite}");
        assert!(suite.starts_with("TLS13") || suite.starts_with("TLS_ECDHE"), "{suite}");
        let answer = get(&mut stream, "/healthz").await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(answer.to_lowercase().contains("strict-transport-security: max-age=3600\r\n"), "{answer}");
    }
    let stream = server.connect(&client(&[&made], &[tls13], &["h2", "http/1.1"])).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::get("https://localhost/api/v1/users/me").body(()).unwrap();
    let (answer, _) = sender.send_request(request, true).unwrap();
    let answer = answer.await.unwrap();
    assert_eq!(answer.status().as_u16(), 401);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let large = http::Request::get("https://localhost/healthz").header("x-large", "x".repeat(20_000)).body(()).unwrap();
    let (answer, _) = sender.send_request(large, true).unwrap();
    assert_eq!(answer.await.unwrap().status().as_u16(), 431);
}

/// The first bytes of a client that knows no later version of TLS than 1.`minor` (RFC 5246, section 7.4.1.2).
fn hello(minor: u8) -> Vec<u8> {
    // ECDHE with AES, of TLS 1.2 with GCM and of before with CBC.
    let suites = [0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x09, 0xc0, 0x13];
    // Curve: secp256r1; points: uncompressed; signatures: ECDSA and RSA with SHA-256.
    let extensions = [0, 10, 0, 4, 0, 2, 0, 23, 0, 11, 0, 2, 1, 0, 0, 13, 0, 6, 0, 4, 4, 3, 4, 1];
    let mut body = vec![3, minor + 1];
    body.extend([7; 32]);
    body.push(0);
    body.extend([0, suites.len() as u8]);
    body.extend(suites);
    body.extend([1, 0]);
    body.extend([0, extensions.len() as u8]);
    body.extend(extensions);
    let mut hello = vec![22, 3, 1, 0, body.len() as u8 + 4, 1, 0, 0, body.len() as u8];
    hello.extend(body);
    hello
}

#[tokio::test]
async fn tls_1_1_and_plain_http_are_refused() {
    let made = Made::new();
    let server = Server::start(&made, &[]);
    let answer = async |minor| {
        let mut socket = TcpStream::connect(&server.address).await.unwrap();
        socket.write_all(&hello(minor)).await.unwrap();
        let mut answer = [0; 7];
        socket.read_exact(&mut answer).await.unwrap();
        (answer[0], answer[5], answer[6])
    };
    assert_eq!(answer(2).await.0, 22, "the same client with TLS 1.2 gets on, or the others prove nothing");
    // A fatal alert: protocol_version.
    assert_eq!(answer(1).await, (21, 2, 70));
    assert_eq!(answer(0).await, (21, 2, 70));

    let mut socket = TcpStream::connect(&server.address).await.unwrap();
    let answer = get(&mut socket, "/healthz").await.unwrap_or_default();
    assert!(!answer.contains("HTTP"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_changes_while_people_call_and_no_request_fails() {
    const CALLERS: usize = 8;
    let (first, second) = (Made::new(), Made::new());
    let server = Arc::new(Server::start(&first, &[]));
    let config = client(&[&first, &second], &[&rustls::version::TLS13], &["http/1.1"]);
    let (done, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (changed, more) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let callers = (0..CALLERS).map(|_| {
        let (server, config, der) = (Arc::clone(&server), Arc::clone(&config), second.der.clone());
        let (done, served, changed, more) =
            (Arc::clone(&done), Arc::clone(&served), Arc::clone(&changed), Arc::clone(&more));
        tokio::spawn(async move {
            let mut with_second = 0;
            while !done.load(Ordering::SeqCst) {
                let mut stream = server.connect(&config).await.unwrap();
                let is_second = stream.get_ref().1.peer_certificates().unwrap()[0] == der;
                let answer = get(&mut stream, "/healthz").await.unwrap();
                assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
                served.fetch_add(1, Ordering::SeqCst);
                more.notify_one();
                assert!(is_second || with_second == 0, "the old certificate is back");
                if is_second {
                    with_second += 1;
                    changed.notify_one();
                }
            }
            with_second
        })
    });
    let callers: Vec<_> = callers.collect();
    let reach = async |count: usize| {
        while served.load(Ordering::SeqCst) < count {
            more.notified().await;
        }
    };
    reach(50).await;
    second.write(server.folder.path());
    changed.notified().await;
    // One that is none changes nothing.
    std::fs::write(server.folder.path().join("certificate.pem"), "no certificate").unwrap();
    let (log, waiting) = (Arc::clone(&server), |line: &String| line.contains("cannot be used"));
    tokio::task::spawn_blocking(move || log.process.wait_for_log(waiting)).await.unwrap();
    reach(served.load(Ordering::SeqCst) + 50).await;
    done.store(true, Ordering::SeqCst);
    let outcomes = join_all(callers).await.into_iter().map(Result::unwrap);
    assert!(outcomes.sum::<usize>() >= 50, "{} answers", served.load(Ordering::SeqCst));
    println!("{} requests, each on a connection of its own, and none failed", served.load(Ordering::SeqCst));
}

#[tokio::test]
async fn plain_http_is_redirected_where_asked() {
    let made = Made::new();
    let settings = [
        ("CONFAB__TLS__REDIRECT_BIND", "127.0.0.1:0"),
        ("CONFAB__TLS__REDIRECT_PORT", "8443"),
        ("CONFAB__SERVER__ALLOWED_HOSTS", "[\"localhost\"]"),
    ];
    let server = Server::start(&made, &settings);
    let log = server.process.wait_for_log(|line| line.contains("redirecting plain HTTP"));
    let line = log.iter().find(|line| line.contains("redirecting")).unwrap();
    let address = line.split_once("127.0.0.1:").unwrap().1.split_whitespace().next().unwrap().to_owned();
    let address = format!("127.0.0.1:{}", address.chars().take_while(char::is_ascii_digit).collect::<String>());
    let answer = get(&mut TcpStream::connect(&address).await.unwrap(), "/api/v1/conversations?limit=5").await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 308"), "{answer}");
    let told = answer.to_lowercase();
    assert!(told.contains("location: https://localhost:8443/api/v1/conversations?limit=5\r\n"), "{answer}");
    assert!(!told.contains("strict-transport-security"), "{answer}");
    let mut socket = TcpStream::connect(&address).await.unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
}

#[test]
fn half_a_pair_of_files_is_refused() {
    let folder = TempDir::new().unwrap();
    let run = |settings: &[(&str, &str)]| {
        let settings: Vec<_> = settings.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let output = Process::run(folder.path(), &["serve", "--bind", "127.0.0.1:0"], &settings, "");
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let half = run(&[("CONFAB__TLS__CERTIFICATE_FILE", "c.pem")]);
    assert!(half.contains("tls.certificate_file and tls.key_file go together"), "{half}");
    let absent = run(&[("CONFAB__TLS__CERTIFICATE_FILE", "c.pem"), ("CONFAB__TLS__KEY_FILE", "k.pem")]);
    assert!(absent.contains("[tls]: c.pem cannot be read"), "{absent}");
}
