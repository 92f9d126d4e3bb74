//! The one list that registers every operation and documents it.

mod accounts;
mod blocks;
mod changes;
mod conversations;
mod events;
mod fallback;
mod health;
mod limits;
mod message_changes;
mod messages;
mod participants;
mod passwords;
mod permissions;
mod read_state;
mod reports;
mod search;
mod sessions;
mod users;

pub(crate) use fallback::{fallback, fallback_of_spelled_out};

use actix_web::middleware::from_fn;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::middleware::{Limits, limit};

/// Where the API is.
pub(crate) const BASE: &str = "/api/v1";

/// Registers and documents everything.
pub(crate) fn configure(config: &mut ServiceConfig<'_>, limits: &Limits) {
    config.service(health::healthz).service(health::readyz).service(
        scope(BASE)
            .wrap(limits.address())
            .wrap(from_fn(limit))
            .service(
                scope("/auth")
                    .service(accounts::register)
                    .service(accounts::log_in)
                    .service(accounts::refresh)
                    .service(passwords::forgot)
                    .service(passwords::reset)
                    .service(passwords::verify_email)
                    .service(passwords::request_verification)
                    .service(sessions::log_out),
            )
            // A request is held against one route after the other: what is asked for most comes first.
            .service(messages::send)
            .service(messages::history)
            .service(conversations::list)
            .service(limits::list)
            .service(users::read_profile)
            .service(users::change_profile)
            .service(users::export_data)
            .service(users::delete_account)
            .service(permissions::read)
            .service(users::list_audit)
            .service(users::list)
            .service(users::find_users)
            .service(users::read_user)
            .service(users::change_standing)
            .service(passwords::change)
            .service(blocks::list)
            .service(blocks::block)
            .service(blocks::unblock)
            .service(sessions::list)
            .service(sessions::end_others)
            .service(sessions::end)
            // After those of one's own, at /users/me/sessions.
            .service(users::end_sessions)
            .service(conversations::create)
            .service(conversations::get)
            .service(changes::change)
            .service(changes::replace)
            .service(changes::delete)
            .service(changes::inspect)
            .service(changes::set_preferences)
            .service(participants::list)
            .service(participants::add)
            .service(participants::remove)
            .service(participants::hand_on)
            .service(events::list)
            .service(read_state::mark_read)
            .service(read_state::mark_delivered)
            .service(read_state::mark_unread)
            .service(read_state::mark_all_read)
            .service(read_state::count_unread)
            .service(read_state::readers)
            .service(search::messages_found)
            .service(messages::get)
            .service(message_changes::replace)
            .service(message_changes::change)
            .service(message_changes::remove)
            .service(message_changes::revisions)
            .service(message_changes::reactions)
            .service(message_changes::react)
            .service(message_changes::take_back)
            .service(reports::report_message)
            .service(reports::list)
            .service(reports::read)
            .service(reports::change),
    );
}
