//! Mails in the form of RFC 5322.

use confab_application::ports::{Mail, MailError};
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};

/// Whether this is a mailbox that mails can be from.
///
/// # Errors
/// What is wrong with it.
pub fn check_mailbox(text: &str) -> Result<(), String> {
    text.parse::<Mailbox>().map(|_| ()).map_err(|error| error.to_string())
}

/// The mail as it is sent. Sent twice, it has the same Message-ID.
pub(crate) fn message(from: &Mailbox, mail: &Mail) -> Result<Message, MailError> {
    let refused = |error: &dyn std::error::Error| MailError::Refused(error.to_string());
    let to = mail.to.as_str().parse().map_err(|error: lettre::address::AddressError| refused(&error))?;
    let message_id = format!("<{}@{}>", mail.id, from.email.domain());
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(mail.subject.clone())
        .message_id(Some(message_id))
        .header(AutoSubmitted)
        .header(ContentType::TEXT_PLAIN)
        .body(mail.text.clone())
        .map_err(|error| refused(&error))
}

/// Says that no person wrote it, so that no holiday notice answers (RFC 3834).
#[derive(Debug, Clone, Copy)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use confab_domain::{EmailAddress, MailId};
    use uuid::Uuid;

    use super::*;

    pub(crate) fn mail(to: &str) -> Mail {
        Mail {
            id: MailId::from(Uuid::from_u128(7)),
            to: EmailAddress::restore(to.to_owned()).unwrap(),
            subject: "Grüße".to_owned(),
            text: "Hello Zoë,\n\n.\nToken: secret\n".to_owned(),
        }
    }

    fn formatted(to: &str) -> Result<String, MailError> {
        let from = "Confab <confab@example.org>".parse().unwrap();
        message(&from, &mail(to)).map(|message| String::from_utf8(message.formatted()).unwrap())
    }

    #[test]
    fn a_mail_says_from_whom_to_whom_and_that_nobody_need_answer() {
        let text = formatted("zoe@example.org").unwrap();
        for line in [
            "From: Confab <confab@example.org>\r\n",
            "To: zoe@example.org\r\n",
            "Message-ID: <00000000-0000-0000-0000-000000000007@example.org>\r\n",
            "Auto-Submitted: auto-generated\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "Token: secret\r\n",
        ] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
        assert!(text.is_ascii(), "what is not ASCII is encoded: {text}");
    }

    #[test]
    fn an_address_cannot_add_headers() {
        for address in ["zoe@example.org\r\nBcc: all@example.org", "a@b.example, c@d.example", "not an address"] {
            assert!(matches!(formatted(address), Err(MailError::Refused(_))), "{address}");
        }
    }
}
