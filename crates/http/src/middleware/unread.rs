//! Answers that wait for their clients to read them: how much of them is kept in memory, all clients together.

use std::cell::Cell;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpResponse, ResponseError as _, web};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::problem::{Code, Problem};

/// A smaller answer is not counted: each connection may always have one. It is also how much of a larger one is handed to a
/// connection at once, which keeps that much until the client has read it.
const SMALL: usize = 64 * 1024;

/// What is counted, in bytes.
const UNIT: usize = 1024;

/// How long whoever was refused should wait.
const WAIT: Duration = Duration::from_secs(1);

/// When the client of a connection was last refused a large answer. Part of each connection.
#[derive(Default)]
pub(crate) struct ToldToWait(Cell<Option<Instant>>);

impl ToldToWait {
    fn is_too_early(&self) -> bool {
        self.0.get().is_some_and(|told| told.elapsed() < WAIT)
    }
}

/// The room for answers that wait.
#[derive(Clone)]
pub(crate) struct Unread(Arc<Semaphore>);

impl Unread {
    /// Room for so many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new((bytes / UNIT).min(Semaphore::MAX_PERMITS))))
    }

    fn reserve(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).ok()?;
        Arc::clone(&self.0).try_acquire_many_owned(units).ok()
    }
}

/// Gives a large answer out in portions, and counts it until the last one is handed over. Where there is no room for it,
/// the request is refused; and so is, without any work, what else this connection asks for in the second that its client
/// was told to wait.
pub(crate) async fn unread(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.conn_data::<ToldToWait>().is_some_and(ToldToWait::is_too_early) {
        return Ok(request.into_response(refusal()));
    }
    let room = request.app_data::<web::Data<Unread>>().cloned();
    let response = next.call(request).await?.map_into_boxed_body();
    let is_large = matches!(response.response().body().size(), BodySize::Sized(size) if size > SMALL as u64);
    let Some(room) = room.filter(|_| is_large) else { return Ok(response) };
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let bytes = match body.try_into_bytes() {
        Ok(bytes) => bytes,
        Err(body) => return Ok(ServiceResponse::new(request, response.set_body(body))),
    };
    let response = match room.reserve(bytes.len()) {
        // Copied, for what is kept to be what is counted: JSON grows in a buffer of up to twice its size.
        Some(counted) => {
            let bytes = Bytes::copy_from_slice(&bytes);
            response.set_body(BoxBody::new(Portions { bytes, _counted: counted }))
        }
        None => {
            if let Some(told) = request.conn_data::<ToldToWait>() {
                told.0.set(Some(Instant::now()));
            }
            refusal()
        }
    };
    Ok(ServiceResponse::new(request, response))
}

fn refusal() -> HttpResponse {
    let detail = "too many large answers wait for their clients to read them; ask again later, or for less";
    let problem = Problem::new(Code::Busy, detail).with_retry_after(WAIT.as_secs());
    let mut response = problem.error_response();
    response.extensions_mut().insert(problem);
    response
}

/// The rest of a large body.
struct Portions {
    bytes: Bytes,
    _counted: OwnedSemaphorePermit,
}

impl MessageBody for Portions {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.bytes.len() as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        if self.bytes.is_empty() {
            return Poll::Ready(None);
        }
        let portion = self.bytes.len().min(SMALL);
        Poll::Ready(Some(Ok(self.bytes.split_to(portion))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, body};

    #[actix_web::test]
    async fn a_large_answer_takes_room_until_it_is_handed_over() {
        let large = SMALL + 1;
        let answer = move || async move { HttpResponse::Ok().body(vec![b'x'; large]) };
        let small = || async { HttpResponse::Ok().body(vec![b'x'; SMALL]) };
        let app = App::new()
            .app_data(web::Data::new(Unread::new(2 * (SMALL + UNIT))))
            .route("/large", web::get().to(answer))
            .route("/small", web::get().to(small))
            .wrap(from_fn(unread));
        let app = init_service(app).await;
        let ask = async |path: &str| call_service(&app, TestRequest::with_uri(path).to_request()).await;

        let (first, second) = (ask("/large").await, ask("/large").await);
        assert!(first.status() == 200 && second.status() == 200);
        let refused = ask("/large").await;
        assert_eq!(refused.status(), 503);
        assert_eq!(refused.headers().get("retry-after").unwrap(), "1");
        assert_eq!(ask("/small").await.status(), 200, "a small one is always given");
        assert_eq!(body::to_bytes(first.into_body()).await.unwrap(), vec![b'x'; large]);
        assert_eq!(ask("/large").await.status(), 200, "there is room again");
        drop(second);
    }
}
