//! One keep-alive connection: writes a request, reads its answer.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The most header fields that an answer may have.
const MAX_HEADERS: usize = 48;

/// A connection to a server.
pub struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

/// What the server has answered.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: &'a [u8],
}

/// The head of an answer.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    /// Where the body begins.
    begin: usize,
    /// Where it ends.
    end: usize,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// Where that fails.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, request: Vec::with_capacity(2048), answer: Vec::with_capacity(64 * 1024) })
    }

    /// Where to write the next request. It is empty.
    pub fn request(&mut self) -> &mut Vec<u8> {
        self.request.clear();
        &mut self.request
    }

    /// Sends the request, and waits for the whole of its answer.
    ///
    /// # Errors
    /// Where the connection fails, or what comes is not an answer with a length.
    pub async fn exchange(&mut self) -> io::Result<Answer<'_>> {
        self.stream.write_all(&self.request).await?;
        self.answer.clear();
        let mut head = None;
        loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server has closed the connection"));
            }
            if head.is_none() {
                head = parse(&self.answer)?;
            }
            if let Some(Head { status, begin, end }) = head
                && self.answer.len() >= end
            {
                return Ok(Answer { status, body: &self.answer[begin..end] });
            }
        }
    }
}

/// The head, once it is all there.
fn parse(bytes: &[u8]) -> io::Result<Option<Head>> {
    let invalid = |reason: String| io::Error::new(io::ErrorKind::InvalidData, reason);
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let begin = match response.parse(bytes).map_err(|error| invalid(error.to_string()))? {
        httparse::Status::Partial => return Ok(None),
        httparse::Status::Complete(begin) => begin,
    };
    let status = response.code.unwrap_or_default();
    let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length = match length {
        Some(length) => std::str::from_utf8(length.value).ok().and_then(|text| text.parse::<usize>().ok()),
        None if status == 204 => Some(0),
        None => None,
    };
    let length = length.ok_or_else(|| invalid(format!("an answer {status} without a length")))?;
    Ok(Some(Head { status, begin, end: begin + length }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_status_and_a_length() {
        let bytes = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(parse(&bytes[..30]).unwrap(), None);
        let head = parse(bytes).unwrap().unwrap();
        assert_eq!((head.status, &bytes[head.begin..head.end]), (201, &b"{}"[..]));
        assert!(parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(parse(b"SSH-2.0-OpenSSH\r\n\r\n").is_err());
    }
}
