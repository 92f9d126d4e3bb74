//! Registration and tokens.

use confab_application::accounts::{LogIn, NewAccount, TokenPair};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterRequest {
    /// Unique, without regard to case. At most 254 bytes; white space around it is dropped.
    #[schema(format = Email, max_length = 254, example = "ada@example.org")]
    email: String,
    /// At least 10 characters, at most 1,024 bytes; neither a common one nor made of one's own name or address.
    #[schema(format = Password, min_length = 10, max_length = 1024, example = "correct horse battery")]
    password: String,
    /// Given name: one line of at most 100 characters. White space around it is dropped.
    #[schema(min_length = 1, max_length = 100, example = "Ada")]
    first_name: String,
    /// Family name: one line of at most 100 characters. White space around it is dropped.
    #[schema(min_length = 1, max_length = 100, example = "Lovelace")]
    last_name: String,
    /// With its country code, in at most 64 bytes. Kept in E.164, and shown to nobody else.
    #[serde(default)]
    #[schema(example = "+44 20 7946 0958")]
    phone_number: Option<String>,
}

impl From<RegisterRequest> for NewAccount {
    fn from(request: RegisterRequest) -> Self {
        Self {
            email: request.email,
            password: request.password,
            first_name: request.first_name,
            last_name: request.last_name,
            phone_number: request.phone_number,
        }
    }
}

/// What an account is known by.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogInRequest {
    /// The account's e-mail address, without regard to case.
    #[schema(example = "ada@example.org")]
    pub(crate) email: String,
    /// The account's password.
    #[schema(format = Password, example = "correct horse battery")]
    pub(crate) password: String,
    /// What you call this device: one line of at most 100 characters. Without it, what it seems to be.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100, example = "My telephone")]
    pub(crate) device_name: Option<String>,
}

impl From<LogInRequest> for LogIn {
    fn from(request: LogInRequest) -> Self {
        Self { email: request.email, password: request.password, device_name: request.device_name }
    }
}

/// Passwords, old and new.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePasswordRequest {
    /// The password as it is.
    #[schema(format = Password, example = "correct horse battery")]
    pub(crate) current_password: String,
    /// At least 10 characters, at most 1,024 bytes; neither a common one nor made of one's own name or address.
    #[schema(format = Password, min_length = 10, max_length = 1024, example = "staple of the day")]
    pub(crate) new_password: String,
}

/// Whom to write to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressRequest {
    /// The account's e-mail address, without regard to case.
    #[schema(example = "ada@example.org")]
    pub(crate) email: String,
}

/// A token that was mailed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailTokenRequest {
    /// The token, as it stands in the mail, or behind `#token=` in its link.
    pub(crate) token: String,
}

/// A new password, and the token that was mailed to set it with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetPasswordRequest {
    /// The token, as it stands in the mail, or behind `#token=` in its link.
    pub(crate) token: String,
    /// At least 10 characters, at most 1,024 bytes; neither a common one nor made of one's own name or address.
    #[schema(format = Password, min_length = 10, max_length = 1024, example = "staple of the day")]
    pub(crate) new_password: String,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshRequest {
    /// The newest refresh token of the session.
    pub(crate) refresh_token: String,
}

/// A pair of tokens (RFC 6749, section 5.1).
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenResponse {
    /// Goes with every request: `Authorization: Bearer …`.
    access_token: String,
    /// Gets the next pair, once.
    refresh_token: String,
    /// How to use the access token: always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// How long the access token is good, in seconds.
    #[schema(example = 600)]
    expires_in: u32,
}

impl From<TokenPair> for TokenResponse {
    fn from(pair: TokenPair) -> Self {
        Self {
            access_token: pair.access_token,
            refresh_token: pair.refresh_token,
            token_type: "Bearer",
            expires_in: pair.expires_in,
        }
    }
}
