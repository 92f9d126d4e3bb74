//! Filled databases with everybody logged in, made once and then copied.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;

use super::{Backend, Database, Kind, Places, Server, server};
use crate::load::Connection;
use crate::world::{self, Size, USERS};
use crate::{Result, fill};

/// How many log in at once: fewer than may wait to.
const LOG_INS_AT_ONCE: usize = 16;

/// A filled database, and an access token of each user. They are good in every copy.
pub struct Template {
    /// The database. To be read only.
    pub database: Database,
    /// Tokens, by the number of the user.
    pub tokens: Rc<[String]>,
    /// How many messages are in it.
    pub size: Size,
}

/// Those that there are.
pub struct Templates {
    places: Places,
    made: BTreeMap<(Backend, Size), Rc<Template>>,
}

impl Templates {
    /// None yet.
    pub const fn new(places: Places) -> Self {
        Self { places, made: BTreeMap::new() }
    }

    /// The one of this kind and size, which is made if it is not there.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub async fn get(&mut self, backend: Backend, size: Size) -> Result<Rc<Template>> {
        if let Some(made) = self.made.get(&(backend, size)) {
            return Ok(Rc::clone(made));
        }
        let begun = Instant::now();
        let name = format!("template_{}", size.messages());
        let database = Database::create(&self.places, backend, &name).await?;
        server::migrate(&self.places, &database)?;
        fill::fill(&database, size).await?;
        let server = Server::start(&self.places, Kind::Confab, &database)?;
        let tokens = log_in(&server).await?;
        server.stop()?;
        let seconds = begun.elapsed().as_secs_f64();
        eprintln!("filled {} with {} messages in {seconds:.1} s", backend.name(), size.messages());
        let template = Rc::new(Template { database, tokens, size });
        self.made.insert((backend, size), Rc::clone(&template));
        Ok(template)
    }
}

/// Logs everybody in, over the API.
async fn log_in(server: &Server) -> Result<Rc<[String]>> {
    let users: Vec<u32> = (0..USERS).collect();
    let share = users.len().div_ceil(LOG_INS_AT_ONCE);
    let log_ins = users.chunks(share).map(|users| async move {
        let mut connection = Connection::open(server.address()).await?;
        let mut tokens = Vec::new();
        for user in users {
            tokens.push(log_in_as(&mut connection, *user).await?);
        }
        Result::Ok(tokens)
    });
    Ok(futures_util::future::try_join_all(log_ins).await?.concat().into())
}

/// Logs one in, and gives the access token.
///
/// # Errors
/// Where that is refused.
pub async fn log_in_as(connection: &mut Connection, user: u32) -> Result<String> {
    let body = serde_json::json!({ "email": world::email(user), "password": world::PASSWORD }).to_string();
    let request = format!(
        "POST /api/v1/auth/token HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n\
         {body}",
        body.len()
    );
    connection.request().extend_from_slice(request.as_bytes());
    let answer = connection.exchange().await?;
    let text = String::from_utf8_lossy(answer.body);
    let json: serde_json::Value = serde_json::from_str(&text)?;
    let token = json["access_token"].as_str();
    Ok(token.ok_or_else(|| format!("user {user} cannot log in: {} {text}", answer.status))?.to_owned())
}
