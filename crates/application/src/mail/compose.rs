//! Write a mail, at the time when it is sent.

use confab_domain::{MailKind, MailToken, OutgoingMail, TokenPurpose, User};

use super::token_hash;
use crate::ports::Mail;
use crate::{App, Error};

/// The mail, or none where there is nobody to write to, or nothing to write.
pub(super) async fn compose(app: &App, mail: &OutgoingMail) -> Result<Option<Mail>, Error> {
    let credentials = app.store.accounts().find_credentials(&mail.email).await?;
    let Some(user) = credentials.map(|found| found.user).filter(|user| user.active) else {
        return Ok(None);
    };
    let (subject, text) = match mail.kind {
        // Who registers with an address that an account has already, is told so at the address only.
        MailKind::Registration if user.email_verified || user.created_at != mail.created_at => (
            "You have an account already",
            format!(
                "somebody, perhaps you, has tried to register with this address. It has an account already, which was not \
                 changed.\n\nIf you have forgotten its password, or did not make it yourself, set a new one:\n\n{}\n\
                 Otherwise there is nothing to do.\n",
                reset(app, &user).await?
            ),
        ),
        MailKind::Registration | MailKind::Verification if user.email_verified => return Ok(None),
        MailKind::Registration | MailKind::Verification => (
            "Please confirm your e-mail address",
            format!(
                "an account was made for {} {} with this address. Confirm that it is yours:\n\n{}\n\
                 If you did not make this account, do not confirm it.\n",
                user.profile.first_name.as_str(),
                user.profile.last_name.as_str(),
                verify(app, &user).await?
            ),
        ),
        MailKind::PasswordReset => (
            "Set a new password",
            format!(
                "somebody, perhaps you, has asked for a new password. Set it:\n\n{}\n\
                 If it was not you, there is nothing to do: the old password stays.\n",
                reset(app, &user).await?
            ),
        ),
        MailKind::PasswordChanged => (
            "Your password was changed",
            "the password of your account was changed, and its other sessions have ended.\n\nIf it was not you, ask for a \
             new password at once, and tell whoever runs this service.\n"
                .to_owned(),
        ),
    };
    let text = format!("Hello {},\n\n{text}", user.profile.first_name.as_str());
    Ok(Some(Mail { id: mail.id, to: user.email.clone(), subject: subject.to_owned(), text }))
}

async fn reset(app: &App, user: &User) -> Result<String, Error> {
    let seconds = app.settings.password_reset_seconds;
    token(app, user, TokenPurpose::ResetPassword, "reset-password", seconds).await
}

async fn verify(app: &App, user: &User) -> Result<String, Error> {
    let seconds = app.settings.email_verification_seconds;
    token(app, user, TokenPurpose::VerifyEmail, "verify-email", seconds).await
}

/// A new token, as the mail shows it: as a link where the settings have something to link to. It stands behind a `#`, which
/// browsers do not send to any server.
async fn token(app: &App, user: &User, purpose: TokenPurpose, page: &str, seconds: u32) -> Result<String, Error> {
    let token = app.refresh_tokens.generate()?;
    let expires_at = app.clock.now().plus_seconds(seconds);
    let hash = token_hash(app, &token);
    let tx = app.store.begin().await?;
    let row = MailToken { hash, purpose, user_id: user.id, email: user.email.clone(), expires_at };
    tx.mails().insert_token(&row).await?;
    tx.commit().await?;
    let shown = match &app.settings.mail_link_base {
        Some(base) => format!("{}/{page}#token={token}", base.trim_end_matches('/')),
        None => format!("Token: {token}"),
    };
    Ok(format!("{shown}\n\nIt is good once, for {}.\n", duration(seconds)))
}

fn duration(seconds: u32) -> String {
    match seconds {
        3600 => "an hour".to_owned(),
        seconds if seconds % 3600 == 0 => format!("{} hours", seconds / 3600),
        seconds => format!("{} minutes", seconds / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_a_token_is_good_is_told_in_words() {
        for (seconds, words) in [(600, "10 minutes"), (3600, "an hour"), (86_400, "24 hours"), (5400, "90 minutes")] {
            assert_eq!(duration(seconds), words);
        }
    }
}
