//! Plain HTTP, where all that is said is to come back encrypted.

use std::io;
use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::http::header::LOCATION;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};

use crate::middleware::{self, host};
use crate::problem::{Code, Problem};
use crate::service::State;
use crate::settings::Settings;

/// So many are enough to be sent elsewhere.
const MAX_CONNECTIONS: usize = 1024;

/// The port at which clients reach this server encrypted.
struct Port(u16);

/// A server that answers each request with its own URL, but encrypted and at this port.
///
/// # Errors
/// Where the socket cannot be served.
pub(crate) fn server(listener: TcpListener, port: u16, state: &State, settings: &Settings) -> io::Result<Server> {
    let state = state.clone();
    let port = web::Data::new(Port(port));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.app.clone())
            .app_data(state.settings.clone())
            .app_data(port.clone())
            .default_service(web::to(redirect))
            .wrap(from_fn(middleware::outermost))
    });
    let server = server.workers(1).max_connections(MAX_CONNECTIONS).disable_signals();
    Ok(server.client_request_timeout(settings.header_timeout).keep_alive(settings.idle_timeout).listen(listener)?.run())
}

/// 308, and not 301, so that the method and the body stay (RFC 9110, section 15.4.9).
async fn redirect(request: HttpRequest, port: web::Data<Port>) -> Result<HttpResponse, Problem> {
    let missing = || Problem::new(Code::BadRequest, "there is no Host to redirect to");
    let host = host(&request)?.ok_or_else(missing)?;
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let location = match port.0 {
        443 => format!("https://{host}{path}"),
        port => format!("https://{host}:{port}{path}"),
    };
    Ok(HttpResponse::PermanentRedirect().insert_header((LOCATION, location)).finish())
}
