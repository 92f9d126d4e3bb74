//! The table of users.

use confab_application::ports::Credentials;
use confab_application::views::UserCard;
use confab_domain::{
    Discoverable, EmailAddress, PasswordHash, PersonName, PhoneNumber, Profile, Role, Timestamp, User, UserId,
    UserState, ValueError,
};
use sea_orm::ActiveValue::{NotSet, Set, Unchanged};
use sea_orm::entity::prelude::*;

use super::row::Row;
use crate::error::Failure;
use crate::reading::{Kind, Record, Values};

const TABLE: &str = "users";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) email_key: String,
    pub(crate) email_verified: bool,
    pub(crate) password_hash: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) phone_number: Option<String>,
    pub(crate) discoverable_by_email: bool,
    pub(crate) discoverable_by_phone: bool,
    pub(crate) role: String,
    pub(crate) active: bool,
    pub(crate) deleted_at: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The columns of which a [`UserCard`] is made.
pub(crate) struct Card {
    id: Uuid,
    first_name: String,
    last_name: String,
    deleted_at: Option<i64>,
}

impl Record for Card {
    type Column = Column;

    const COLUMNS: &'static [(Column, Kind)] = &[
        (Column::Id, Kind::Id),
        (Column::FirstName, Kind::Text),
        (Column::LastName, Kind::Text),
        (Column::DeletedAt, Kind::Integer),
    ];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        Ok(Self {
            id: values.id()?,
            first_name: values.text()?,
            last_name: values.text()?,
            deleted_at: values.optional_integer()?,
        })
    }
}

impl Card {
    /// What others see of the user.
    pub(crate) fn restore(self) -> Result<UserCard, Failure> {
        let row = Row::new(TABLE, self.id);
        Ok(UserCard {
            id: UserId::from(self.id),
            first_name: row.value("first_name", PersonName::restore(self.first_name))?,
            last_name: row.value("last_name", PersonName::restore(self.last_name))?,
            deleted: self.deleted_at.is_some(),
        })
    }
}

/// The columns that say what the account may do.
pub(crate) struct Standing {
    role: String,
    active: bool,
}

impl Record for Standing {
    type Column = Column;

    const COLUMNS: &'static [(Column, Kind)] = &[(Column::Role, Kind::Text), (Column::Active, Kind::Flag)];

    fn read(values: &mut Values<'_>) -> Result<Self, DbErr> {
        Ok(Self { role: values.text()?, active: values.flag()? })
    }
}

impl Standing {
    /// The account's role, and whether it is active.
    pub(crate) fn restore(self, id: UserId) -> Result<(Role, bool), Failure> {
        let row = Row::new(TABLE, id.as_uuid());
        Ok((row.value("role", Role::parse(&self.role))?, self.active))
    }
}

impl Model {
    /// The user.
    pub(crate) fn restore(self) -> Result<User, Failure> {
        let row = Row::new(TABLE, self.id);
        let phone_number: Result<_, ValueError> = self.phone_number.map(PhoneNumber::restore).transpose();
        Ok(User::restore(UserState {
            id: UserId::from(self.id),
            email: row.value("email", EmailAddress::restore(self.email))?,
            email_verified: self.email_verified,
            profile: Profile {
                first_name: row.value("first_name", PersonName::restore(self.first_name))?,
                last_name: row.value("last_name", PersonName::restore(self.last_name))?,
                phone_number: row.value("phone_number", phone_number)?,
            },
            discoverable: Discoverable { by_email: self.discoverable_by_email, by_phone: self.discoverable_by_phone },
            role: row.value("role", Role::parse(&self.role))?,
            active: self.active,
            deleted_at: self.deleted_at.map(|at| row.time("deleted_at", at)).transpose()?,
            created_at: row.time("created_at", self.created_at)?,
            updated_at: row.time("updated_at", self.updated_at)?,
        }))
    }

    /// The user, and what a log-in is checked against.
    pub(crate) fn restore_credentials(mut self) -> Result<Credentials, Failure> {
        let password_hash = PasswordHash::restore(std::mem::take(&mut self.password_hash));
        Ok(Credentials { user: self.restore()?, password_hash })
    }
}

/// The row of a new user.
pub(crate) fn new_row(user: &User, password_hash: &PasswordHash) -> ActiveModel {
    ActiveModel {
        id: Set(user.id.as_uuid()),
        password_hash: Set(password_hash.as_str().to_owned()),
        created_at: Set(user.created_at.as_micros()),
        ..changed_row(user)
    }
}

/// A new password in a user's row.
pub(crate) fn hash_row(id: UserId, password_hash: &PasswordHash) -> ActiveModel {
    ActiveModel {
        id: Unchanged(id.as_uuid()),
        password_hash: Set(password_hash.as_str().to_owned()),
        ..Default::default()
    }
}

/// What can change in a user's row.
pub(crate) fn changed_row(user: &User) -> ActiveModel {
    ActiveModel {
        id: Unchanged(user.id.as_uuid()),
        email: Set(user.email.as_str().to_owned()),
        email_key: Set(user.email.key().to_owned()),
        email_verified: Set(user.email_verified),
        password_hash: NotSet,
        first_name: Set(user.profile.first_name.as_str().to_owned()),
        last_name: Set(user.profile.last_name.as_str().to_owned()),
        phone_number: Set(user.profile.phone_number.as_ref().map(|number| number.as_str().to_owned())),
        discoverable_by_email: Set(user.discoverable.by_email),
        discoverable_by_phone: Set(user.discoverable.by_phone),
        role: Set(user.role.as_str().to_owned()),
        active: Set(user.active),
        deleted_at: Set(user.deleted_at.map(Timestamp::as_micros)),
        created_at: NotSet,
        updated_at: Set(user.updated_at.as_micros()),
    }
}
