//! Telephone numbers.

use crate::ValueError;

/// A telephone number that its country's numbering plan allows, kept in the form of ITU-T E.164: `+` and at most 15
/// digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    const MAX_INPUT_BYTES: usize = 64;

    /// Reads an international number, however it is spaced.
    ///
    /// # Errors
    /// [`ValueError::Malformed`] without a country code, or where the country has no such number.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let malformed =
            ValueError::Malformed { expected: "a telephone number with its country code, such as +442079460958" };
        let text = text.trim();
        let Some(rest) = text.strip_prefix('+') else { return Err(malformed) };
        if text.len() > Self::MAX_INPUT_BYTES || !rest.bytes().all(|b| b.is_ascii_digit() || b" ()-./".contains(&b)) {
            return Err(malformed);
        }
        let number = phonenumber::parse(None, text).map_err(|_| malformed.clone())?;
        if number.extension().is_some() || !phonenumber::is_valid(&number) {
            return Err(malformed);
        }
        Ok(Self(number.format().mode(phonenumber::Mode::E164).to_string()))
    }

    /// Takes back what [`PhoneNumber::as_str`] gave, without asking today's numbering plans: a number does not become
    /// unreadable because a plan changed.
    ///
    /// # Errors
    /// [`ValueError::Malformed`] where it is not of the form of E.164.
    pub fn restore(text: String) -> Result<Self, ValueError> {
        let digits = text.strip_prefix('+').unwrap_or_default();
        if (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self(text));
        }
        Err(ValueError::Malformed { expected: "`+` and at most 15 digits (E.164)" })
    }

    /// The number in E.164.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_in_e164() {
        for text in ["+44 20 7946 0958", "+44 (0)20 7946 0958", "+442079460958"] {
            assert_eq!(PhoneNumber::parse(text).unwrap().as_str(), "+442079460958", "{text}");
        }
        assert!(PhoneNumber::restore("+442079460958".to_owned()).is_ok());
        assert!(PhoneNumber::restore("442079460958".to_owned()).is_err());
    }

    #[test]
    fn what_no_country_has_is_refused() {
        let long = format!("+{}", "4".repeat(100));
        for text in
            ["", "+", "12345", "020 7946 0958", "+999 123456789", "+44 1", "+442079460958 ext. 5", "+44abc", &long]
        {
            assert!(PhoneNumber::parse(text).is_err(), "{text}");
        }
    }
}
