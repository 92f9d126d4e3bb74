//! HTTP as it goes over the wire, for clients that no library would be: those that pipeline, and those that do not read.

use std::io;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::net::tcp::OwnedReadHalf;

/// The text of a request with a bearer token, and a JSON body if it is not empty.
pub fn request(method: &str, path: &str, token: &str, body: &str) -> String {
    let length = if body.is_empty() {
        String::new()
    } else {
        format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())
    };
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{length}\r\n{body}")
}

/// An answer as it came.
#[derive(Debug)]
pub struct RawAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Whether it says when to try again.
    pub retry_after: bool,
    /// The body.
    pub body: Vec<u8>,
}

/// Reads one answer after the other.
pub struct Answers(BufReader<OwnedReadHalf>);

impl Answers {
    /// From this half of a connection.
    pub fn new(half: OwnedReadHalf) -> Self {
        Self(BufReader::new(half))
    }

    /// The next answer.
    ///
    /// # Errors
    /// Where the connection ends first.
    pub async fn next(&mut self) -> io::Result<RawAnswer> {
        let mut answer = RawAnswer { status: 0, retry_after: false, body: Vec::new() };
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end().to_ascii_lowercase();
            match line.split_once(": ") {
                None if line.is_empty() => break,
                None => answer.status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap(),
                Some(("content-length", value)) => length = value.parse().unwrap(),
                Some(("retry-after", _)) => answer.retry_after = true,
                Some(_) => {}
            }
        }
        answer.body.resize(length, 0);
        self.0.read_exact(&mut answer.body).await?;
        Ok(answer)
    }
}

/// What became of probes: how long each took.
#[derive(Debug, Default)]
pub struct Probes(Vec<Duration>);

impl Probes {
    /// Asks for /healthz again and again, on a thread and a connection of its own, until `done` says so and there are
    /// `at_least` so many answers. Each must be a 200.
    pub fn healthz(address: &str, at_least: usize, done: impl Fn() -> bool) -> Self {
        use std::io::{Read as _, Write as _};
        let mut socket = std::net::TcpStream::connect(address).unwrap();
        socket.set_nodelay(true).unwrap();
        let mut probes = Vec::new();
        let mut buffer = [0; 4096];
        while probes.len() < at_least || !done() {
            let asked = Instant::now();
            socket.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
            let mut answer = Vec::new();
            while !answer.ends_with(b"}") {
                let count = socket.read(&mut buffer).unwrap();
                assert!(count > 0, "the connection of the probes was closed");
                answer.extend_from_slice(&buffer[..count]);
            }
            probes.push(asked.elapsed());
            assert!(answer.starts_with(b"HTTP/1.1 200 OK"), "{}", String::from_utf8_lossy(&answer));
            // Not as fast as it goes, which would be a load of its own.
            std::thread::sleep(Duration::from_millis(2));
        }
        probes.sort_unstable();
        Self(probes)
    }

    /// How many there were.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The longest but one in a hundred.
    pub fn p99(&self) -> Duration {
        self.0[self.0.len() * 99 / 100]
    }

    /// The longest.
    pub fn longest(&self) -> Duration {
        self.0[self.0.len() - 1]
    }
}
