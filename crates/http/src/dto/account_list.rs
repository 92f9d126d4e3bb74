//! Accounts, as admins list them.

use confab_application::ports::{Order, PageRequest, UserFilter};
use confab_domain::{Role, Unit, User, UserId, ValueError};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::RoleName;
use crate::extract::{Faults, page_request};
use crate::problem::Problem;

/// The longest text that is looked for, in characters: as long as an address may be.
const MAX_CHARACTERS: usize = 254;

/// Which accounts to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListUsersQuery {
    /// A `next_cursor` or `previous_cursor` of this list. Keep the other parameters as they were.
    cursor: Option<String>,
    /// The most accounts of a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// The order of the list.
    #[serde(default)]
    #[param(inline, required = false)]
    order: UserOrder,
    /// Only accounts with this role.
    #[param(inline, value_type = Option<RoleName>)]
    role: Option<String>,
    /// Only accounts that are suspended, or only the others.
    suspended: Option<bool>,
    /// Only accounts whose e-mail address has this text in it, without regard to case and to white space around it.
    #[param(min_length = 1, max_length = 254)]
    email: Option<String>,
}

/// The order of accounts.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UserOrder {
    #[default]
    NewestFirst,
    OldestFirst,
}

impl ListUsersQuery {
    /// What is asked for, or every parameter that is wrong.
    pub(crate) fn parse(&self) -> Result<(UserFilter, PageRequest<UserId>), Problem> {
        let mut faults = Faults::default();
        let filter = UserFilter {
            order: match self.order {
                UserOrder::NewestFirst => Order::NewestFirst,
                UserOrder::OldestFirst => Order::OldestFirst,
            },
            role: faults.take("role", self.role.as_deref(), Role::parse),
            suspended: self.suspended,
            email_contains: faults.take("email", self.email.as_deref(), part_of_address),
        };
        let page = page_request(&mut faults, self.limit, self.cursor.as_deref());
        faults.check()?;
        Ok((filter, page))
    }
}

fn part_of_address(text: &str) -> Result<String, ValueError> {
    let text = text.trim();
    let actual = text.chars().count();
    match actual {
        0 => Err(ValueError::Empty),
        1..=MAX_CHARACTERS => Ok(text.to_owned()),
        _ => Err(ValueError::TooLong { max: MAX_CHARACTERS, actual, unit: Unit::Characters }),
    }
}

/// An account, as admins see it.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountResponse {
    /// The user's id.
    id: Uuid,
    /// E-mail address, as it was given.
    #[schema(format = Email, example = "ada@example.org")]
    email: String,
    /// Whether the address was verified.
    email_verified: bool,
    /// Given name.
    #[schema(example = "Ada")]
    first_name: String,
    /// Family name.
    #[schema(example = "Lovelace")]
    last_name: String,
    /// What the account may do at the most.
    role: RoleName,
    /// Whether it may be used: `false` where it is suspended.
    active: bool,
    /// When the account was made.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    created_at: String,
    /// When anything here last changed.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    updated_at: String,
}

impl From<&User> for AccountResponse {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.as_uuid(),
            email: user.email.as_str().to_owned(),
            email_verified: user.email_verified,
            first_name: user.profile.first_name.as_str().to_owned(),
            last_name: user.profile.last_name.as_str().to_owned(),
            role: user.role.into(),
            active: user.active,
            created_at: user.created_at.to_string(),
            updated_at: user.updated_at.to_string(),
        }
    }
}

/// A page of accounts.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountPage {
    /// The accounts, in the order that was asked for.
    pub(crate) items: Vec<AccountResponse>,
    /// Gets the next page; null on the last.
    #[schema(required = true)]
    pub(crate) next_cursor: Option<String>,
    /// Gets the page before; null on the first.
    #[schema(required = true)]
    pub(crate) previous_cursor: Option<String>,
}
