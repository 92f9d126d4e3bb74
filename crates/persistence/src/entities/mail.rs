//! The table of mails.

use confab_application::ports::ClaimedMail;
use confab_domain::{EmailAddress, Inconsistent, MailId, MailKind, OutgoingMail};
use sea_orm::ActiveValue::Set;
use sea_orm::Condition;
use sea_orm::entity::prelude::*;

use super::row::Row;
use crate::error::Failure;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mails")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) email: String,
    pub(crate) email_key: String,
    pub(crate) created_at: i64,
    pub(crate) attempts: i64,
    /// Null when it is settled.
    pub(crate) due_at: Option<i64>,
    pub(crate) settled_at: Option<i64>,
    /// Of one that is settled: null if it was sent.
    pub(crate) error: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The mail, as whoever has claimed it sees it.
    pub(crate) fn restore(self) -> Result<ClaimedMail, Failure> {
        let row = Row::new("mails", self.id);
        let out_of_range = Inconsistent { field: "attempts", reason: "out_of_range" };
        Ok(ClaimedMail {
            mail: OutgoingMail {
                id: MailId::from(self.id),
                kind: row.value("kind", MailKind::parse(&self.kind))?,
                email: row.value("email", EmailAddress::restore(self.email))?,
                created_at: row.time("created_at", self.created_at)?,
            },
            attempts: u32::try_from(self.attempts).map_err(|_| row.corrupt(out_of_range))?,
        })
    }
}

/// The row of a new mail.
pub(crate) fn new_row(mail: &OutgoingMail) -> ActiveModel {
    ActiveModel {
        id: Set(mail.id.as_uuid()),
        kind: Set(mail.kind.as_str().to_owned()),
        email: Set(mail.email.as_str().to_owned()),
        email_key: Set(mail.email.key().to_owned()),
        created_at: Set(mail.created_at.as_micros()),
        attempts: Set(0),
        due_at: Set(Some(mail.created_at.as_micros())),
        settled_at: Set(None),
        error: Set(None),
    }
}

/// A mail to this address, of whatever kind: all of them are named, for the index to be of use.
pub(crate) fn is_to(email: &EmailAddress) -> Condition {
    let kinds = MailKind::ALL.map(MailKind::as_str);
    Condition::all().add(Column::Kind.is_in(kinds)).add(Column::EmailKey.eq(email.key()))
}
