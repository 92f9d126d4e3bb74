//! E-mail addresses.

use std::str::FromStr as _;

use crate::{Unit, UserId, ValueError};

/// An e-mail address of RFC 5321, at most 254 bytes. Two addresses that differ only in case are the same one.
#[derive(Debug, Clone)]
pub struct EmailAddress {
    given: String,
    key: String,
}

impl EmailAddress {
    /// The most bytes that an address may have (RFC 5321, section 4.5.3.1.3, less the angle brackets).
    pub const MAX_BYTES: usize = 254;

    /// Reads an address; white space around it is dropped.
    ///
    /// # Errors
    /// Empty, too long, or not an address.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let given = text.trim();
        if given.is_empty() {
            return Err(ValueError::Empty);
        }
        if given.len() > Self::MAX_BYTES {
            return Err(ValueError::TooLong { max: Self::MAX_BYTES, actual: given.len(), unit: Unit::Bytes });
        }
        let malformed = ValueError::Malformed { expected: "an e-mail address such as ada@example.org" };
        if given.chars().any(char::is_control) {
            return Err(malformed);
        }
        let address = email_address::EmailAddress::from_str(given).map_err(|_| malformed.clone())?;
        // A display name or a domain literal is valid there, and no address that a person signs up with.
        if address.email() != given || address.domain().starts_with('[') {
            return Err(malformed);
        }
        Ok(Self { given: given.to_owned(), key: given.to_lowercase() })
    }

    /// Takes back what [`EmailAddress::as_str`] gave, without asking again whether it is an address: nobody is locked out
    /// because that is judged more strictly today.
    ///
    /// # Errors
    /// [`ValueError::Empty`].
    pub fn restore(given: String) -> Result<Self, ValueError> {
        if given.is_empty() {
            return Err(ValueError::Empty);
        }
        let key = given.to_lowercase();
        Ok(Self { given, key })
    }

    /// What stands in place of the address of a deleted user: none that could be written to or registered with, and no
    /// other user's.
    pub(crate) fn of_nobody(id: UserId) -> Self {
        let given = format!("deleted:{id}");
        Self { key: given.clone(), given }
    }

    /// The address as its owner wrote it.
    pub fn as_str(&self) -> &str {
        &self.given
    }

    /// What a part of an address is looked for by in [`EmailAddress::key`].
    pub fn search_key(part: &str) -> String {
        part.trim().to_lowercase()
    }

    /// What addresses are compared by: lower case.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for EmailAddress {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_kept_and_does_not_count() {
        let ada = EmailAddress::parse(" Ada@Example.org ").unwrap();
        assert_eq!(ada.as_str(), "Ada@Example.org");
        assert_eq!(ada, EmailAddress::parse("ada@example.ORG").unwrap());
    }

    #[test]
    fn what_was_kept_is_not_judged_again() {
        let odd = EmailAddress::restore("Ada@[127.0.0.1]".to_owned()).unwrap();
        assert_eq!((odd.as_str(), odd.key()), ("Ada@[127.0.0.1]", "ada@[127.0.0.1]"));
        assert_eq!(EmailAddress::restore(String::new()), Err(ValueError::Empty));
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        let long = format!("{}@example.org", "a".repeat(250));
        for text in [
            "",
            "ada",
            "ada@",
            "@example.org",
            "a b@example.org",
            "Ada <ada@example.org>",
            "ada@[127.0.0.1]",
            "a\0@example.org",
            &long,
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text}");
        }
    }
}
