//! Users.

use confab_application::users::{ProfilePatch, StandingChange};
use confab_application::views::UserCard;
use confab_application::{Error, FieldError};
use confab_domain::{Role, User};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::present;

/// A user as others see them: never the e-mail address, never the telephone number.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserResponse {
    /// The user's id.
    id: Uuid,
    /// Given name.
    #[schema(example = "Ada")]
    first_name: String,
    /// Family name.
    #[schema(example = "Lovelace")]
    last_name: String,
    /// Whether the account was deleted: then the name is nobody's.
    deleted: bool,
}

impl From<UserCard> for UserResponse {
    fn from(user: UserCard) -> Self {
        Self {
            id: user.id.as_uuid(),
            first_name: user.first_name.into_string(),
            last_name: user.last_name.into_string(),
            deleted: user.deleted,
        }
    }
}

/// What you know of whoever you look for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FindUsersQuery {
    /// The whole e-mail address, in any case, or the whole telephone number with its country code, such as `+442079460958`.
    #[param(min_length = 1, max_length = 254, example = "ada@example.org")]
    pub(crate) contact: String,
}

/// Users who were found.
#[derive(Serialize, ToSchema)]
pub(crate) struct FoundUsers {
    /// The users, by their ids: one at the most who has the address, and 20 who have the number.
    items: Vec<UserResponse>,
}

impl From<Vec<UserCard>> for FoundUsers {
    fn from(users: Vec<UserCard>) -> Self {
        Self { items: users.into_iter().map(Into::into).collect() }
    }
}

/// One's own account.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProfileResponse {
    /// The user's id.
    id: Uuid,
    /// E-mail address, as it was given.
    #[schema(format = Email, example = "ada@example.org")]
    email: String,
    /// Whether the address was verified: by a token that was mailed there, or by an operator's word.
    email_verified: bool,
    /// Given name.
    #[schema(example = "Ada")]
    first_name: String,
    /// Family name.
    #[schema(example = "Lovelace")]
    last_name: String,
    /// Telephone number in E.164.
    #[schema(required = true, example = "+442079460958")]
    phone_number: Option<String>,
    /// Whether hosts may find you by your e-mail address.
    discoverable_by_email: bool,
    /// Whether hosts may find you by your telephone number.
    discoverable_by_phone: bool,
    /// What the account may do at the most.
    role: RoleName,
    /// When the account was made.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    created_at: String,
    /// When anything here last changed.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    updated_at: String,
}

/// Guests take part, hosts organise, admins operate.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Role)]
pub(crate) enum RoleName {
    Guest,
    Host,
    Admin,
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Guest => Self::Guest,
            Role::Host => Self::Host,
            Role::Admin => Self::Admin,
        }
    }
}

impl From<&User> for ProfileResponse {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.as_uuid(),
            email: user.email.as_str().to_owned(),
            email_verified: user.email_verified,
            first_name: user.profile.first_name.as_str().to_owned(),
            last_name: user.profile.last_name.as_str().to_owned(),
            phone_number: user.profile.phone_number.as_ref().map(|number| number.as_str().to_owned()),
            discoverable_by_email: user.discoverable.by_email,
            discoverable_by_phone: user.discoverable.by_phone,
            role: user.role.into(),
            created_at: user.created_at.to_string(),
            updated_at: user.updated_at.to_string(),
        }
    }
}

/// What is to change (RFC 7396): what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeProfileRequest {
    /// A new given name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100, example = "Ada")]
    first_name: Option<String>,
    /// A new family name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100, example = "King")]
    last_name: Option<String>,
    /// A new telephone number with its country code, or `null` for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, required = false, example = "+44 20 7946 0958")]
    phone_number: Option<Option<String>>,
    /// Whether hosts may find you by your e-mail address. Off until you say so.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false, example = true)]
    discoverable_by_email: Option<bool>,
    /// Whether hosts may find you by your telephone number. Off until you say so.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false, example = false)]
    discoverable_by_phone: Option<bool>,
}

impl From<ChangeProfileRequest> for ProfilePatch {
    fn from(request: ChangeProfileRequest) -> Self {
        Self {
            first_name: request.first_name,
            last_name: request.last_name,
            phone_number: request.phone_number,
            discoverable_by_email: request.discoverable_by_email,
            discoverable_by_phone: request.discoverable_by_phone,
        }
    }
}

/// Whose account it is, once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteAccountRequest {
    /// The password.
    #[schema(format = Password, example = "correct horse battery")]
    pub(crate) current_password: String,
}

/// What is to change of an account's standing (RFC 7396): what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeStandingRequest {
    /// Another role: `guest`, `host` or `admin`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = String, required = false, example = "host")]
    role: Option<String>,
    /// `false` suspends the account and ends its sessions, `true` restores it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false, example = false)]
    active: Option<bool>,
}

impl ChangeStandingRequest {
    /// The change, or what is wrong with it.
    pub(crate) fn parse(self) -> Result<StandingChange, Error> {
        let role = self.role.as_deref().map(Role::parse).transpose();
        let role = role.map_err(|error| Error::Invalid(vec![FieldError::of_value("role", &error)]))?;
        Ok(StandingChange { role, active: self.active })
    }
}

/// An account's standing.
#[derive(Serialize, ToSchema)]
pub(crate) struct StandingResponse {
    /// The user's id.
    id: Uuid,
    /// What the account may do at the most.
    role: RoleName,
    /// Whether it may be used.
    active: bool,
}

impl From<&User> for StandingResponse {
    fn from(user: &User) -> Self {
        let role = match user.role {
            Role::Guest => RoleName::Guest,
            Role::Host => RoleName::Host,
            Role::Admin => RoleName::Admin,
        };
        Self { id: user.id.as_uuid(), role, active: user.active }
    }
}
