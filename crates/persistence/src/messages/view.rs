//! A message with its sender, as part of a joined read.

use confab_application::views::MessageView;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{FromQueryResult, Iterable, QueryResult};

use crate::entities::{message, user};
use crate::error::Failure;
use crate::select::columns;

const MESSAGE: &str = "message_";
const SENDER: &str = "sender_";

/// Selects what [`view`] reads, from a table of messages and one of users.
pub(crate) fn select(query: &mut SelectStatement, messages: &'static str, users: &'static str) {
    columns(query, messages, MESSAGE, message::Column::iter());
    columns(query, users, SENDER, user::Card::COLUMNS);
}

/// The message in this row.
pub(crate) fn view(row: &QueryResult) -> Result<MessageView, Failure> {
    Ok(MessageView {
        message: message::Model::from_query_result(row, MESSAGE)?.restore()?,
        sender: user::Card::from_query_result(row, SENDER)?.restore()?,
    })
}

/// The message in this row of an outer join, if there is one.
pub(crate) fn optional_view(row: &QueryResult) -> Result<Option<MessageView>, Failure> {
    let seq: Option<i64> = row.try_get(MESSAGE, "seq")?;
    seq.map(|_| view(row)).transpose()
}
